import { StandInAgent } from './agent'
import { createToken, expect, register, report, test } from './fixtures'

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const record = (kind: string, minutes: number, data: object) => ({ id: crypto.randomUUID(), kind, ts: ago(minutes), data: { ts: ago(minutes), ...data } })

test('a host shows what its watchdog found, did and asks, and it is held back', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'run', [['batch_start', null, { n_total_jobs: 1 }], ['resource_snapshot', null, { gpu_util_pct: 50 }]], 'demo', { host: 'gpu-7' })
  await page.goto('/hosts/gpu-7?tab=watchdog')
  await expect(page.getByText('No watchdog on this host')).toBeVisible()

  const dog = await StandInAgent.register(request, token, 'gpu-7')
  await dog.post('/api/watchdog/heartbeat', { host: 'gpu-7', version: '9.9.9', cycle: { ms: 12, problems: 1, actions: 1 }, mode: 'live' })
  await dog.post('/api/watchdog/reports', {
    host: 'gpu-7',
    items: [
      record('problem', 30, { severity: 'critical', type: 'disk', description: '/data is 97 % full', action_taken: 'clean_disk:safelist', action_result: 'success', runs: [{ batch_id: 'run', pid: 1 }] }),
      record('action', 29, { action: 'clean_disk', target: '/data/tmp', reason: 'it is 97 % full', verdict: 'done', result: '12 GB freed', recovery: 'recovered' }),
      record('ask', 1, { action: 'restart_service', target: 'nginx', digest: 'a-digest', reason: 'it failed three times', expires_at: new Date(Date.now() + 3_600_000).toISOString() }),
      record('transcript', 1, { model: 'a-small-model', rulings: ['alert: allowed'], data: {}, answer: null, error: null, tokens: 1 }),
    ],
  })
  await page.reload()
  await expect(page.locator('[data-mode]')).toHaveText('Acting')
  // From here on it tells by itself.
  await dog.post('/api/watchdog/heartbeat', { host: 'gpu-7', version: '9.9.9', cycle: { ms: 12, problems: 1, actions: 1 }, mode: 'dry_run' })
  await expect(page.locator('[data-mode]')).toHaveText('Only saying')
  await dog.post('/api/watchdog/reports', { host: 'gpu-7', items: [record('problem', 0, { severity: 'warning', type: 'memory', description: 'memory is short' })] })
  await expect(page.locator('[data-problem="memory"]')).toContainText('memory is short')
  await dog.post('/api/watchdog/heartbeat', { host: 'gpu-7', version: '9.9.9', cycle: { ms: 12, problems: 1, actions: 1 }, mode: 'live' })
  await expect(page.locator('[data-mode]')).toHaveText('Acting')
  const problem = page.locator('[data-problem="disk"]')
  await expect(problem).toContainText('/data is 97 % full')
  await expect(problem.getByRole('link', { name: 'run' })).toBeVisible()
  await expect(page.locator('[data-deed="clean_disk"]')).toContainText('Host well again')
  await expect(page.getByText('1 of 1 action made the host well again.')).toBeVisible()
  await page.getByLabel('Show').selectOption('action')
  await expect(problem).toBeHidden()
  await page.getByText('What was said with the model').click()
  await expect(page.getByText('a-small-model')).toBeVisible()

  const ask = page.locator('[data-ask="a-digest"]')
  await expect(ask).toContainText('it failed three times')
  await ask.getByRole('button', { name: 'Deny' }).click()
  await expect(ask).toBeHidden()
  await page.getByText('Ask it to do less').click()
  await page.getByLabel('Only say what it would do').check()
  await expect(page.getByText('only says what it would do')).toBeVisible()
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText(/paused until/)).toBeVisible()
  await page.reload()
  await expect(page.getByText(/paused until/)).toBeVisible()

  await page.goto('/')
  await expect(page.locator('[data-trouble="gpu-7"]')).toContainText('memory is short')
  await dog.post('/api/watchdog/reports', { host: 'gpu-7', items: [record('problem', -1, { severity: 'critical', type: 'disk', description: 'now it is 99 % full' })] })
  await expect(page.locator('[data-trouble="gpu-7"]')).toContainText('now it is 99 % full')
})

test('a failed job says what happened around it, and why it probably failed', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'run', [
    ['batch_start', null, { n_total_jobs: 1 }],
    ['job_start', 'j1', { model: 'net', dataset: 'set' }],
    ['job_epoch', 'j1', { epoch: 0, train_loss: 1 }],
    ['log_line', 'j1', { level: 'error', line: 'RuntimeError: CUDA out of memory. Tried to allocate 2 GiB' }],
    ['job_failed', 'j1', { error: 'CUDA out of memory' }],
  ], 'demo', { host: 'gpu-7' })
  const dog = await StandInAgent.register(request, token, 'gpu-7')
  await dog.post('/api/watchdog/reports', { host: 'gpu-7', items: [record('problem', 0, { severity: 'warning', type: 'memory', description: 'memory is short' })] })
  await page.goto('/batches/run/jobs/j1')
  await expect(page.locator('[data-cause="out_of_memory"]')).toContainText('Tried to allocate 2 GiB')
  await expect(page.locator('[data-incident="host_problem"]')).toContainText('memory is short')
  await expect(page.locator('[data-incident="job_start"]')).toContainText('Attempt 1')
  await page.getByRole('button', { name: 'Show: Error in the log' }).click()
  await expect(page.locator('[data-incident="log_error"]')).toBeFocused()
})
