import { StandInAgent } from './agent'
import { createToken, expect, register, report, type ReportedEvent, test } from './fixtures'

const ENDED: ReportedEvent[] = [
  ['batch_start', null, { n_total_jobs: 1, command: 'python train.py lr=0.1' }],
  ['batch_done', null, {}],
]

test('a run is started again with changes, followed, stopped, and its family is shown', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'first', ENDED, 'demo', { host: 'gpu-7' })
  const agent = await StandInAgent.register(request, token, 'gpu-7')

  await page.goto('/batches/first')
  await page.getByRole('button', { name: 'Run again' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.locator('[data-target]')).toContainText('gpu-7')
  await expect(dialog.locator('[data-target]')).toContainText('Online')
  await dialog.getByLabel('Changed settings').fill('--config=/etc/passwd')
  await expect(dialog.getByText('Line 1: this is no name of a setting.')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Run again' })).toBeDisabled()
  await dialog.getByLabel('Changed settings').fill('lr=0.01\nname=a b')
  await expect(dialog.getByLabel('What will run')).toHaveText("python train.py lr=0.1 lr=0.01 'name='\\''a b'\\'''")
  await dialog.getByLabel('Name').fill('second')
  await dialog.getByRole('button', { name: 'Run again' }).click()

  await expect(page.getByRole('heading', { name: 'second' })).toBeVisible()
  const step = (name: string) => page.locator(`[data-progress] [data-step="${name}"]`)
  await expect(step('taken')).toHaveAttribute('data-state', 'now')
  const order = await agent.next()
  expect(order).toMatchObject({ kind: 'rerun', payload: { overrides: { lr: 0.01, name: 'a b' }, source_batch_id: 'first' } })
  await agent.started(order)
  await expect(page.locator('[data-status="running"]').first()).toBeVisible()

  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }).click()
  await expect(step('asked')).toHaveAttribute('data-state', 'done')
  const stop = await agent.next()
  expect(stop).toMatchObject({ kind: 'stop', batch_id: order.batch_id })
  await agent.started(stop)
  await expect(step('signalled')).toHaveAttribute('data-state', 'done')
  await agent.ended(order, 143, ['saved a checkpoint', 'bye'])
  await expect(page.locator('[data-status="stopped"]').first()).toBeVisible()

  await page.goto(`/batches/${order.batch_id}?tab=lineage`)
  await expect(page.locator('[data-relative="first"]')).toBeVisible()
  await expect(page.getByRole('region', { name: 'What was asked for' })).toContainText('0.01')
  await page.locator('[data-relative="first"]').getByRole('link').click()
  await expect(page.locator(`[data-relative="${order.batch_id}"]`)).toContainText('second')
})

test('a second click is told, and a refusal says why', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'first', ENDED, 'demo', { host: 'gpu-7' })
  const again = async () => {
    await page.goto('/batches/first')
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
  }
  await again()
  await expect(page.locator('[data-progress]')).toContainText('No agent on gpu-7.')
  const child = page.url()
  await again()
  await expect(page.getByText('A rerun was waiting already.').first()).toBeVisible()
  await expect(page).toHaveURL(child)

  const agent = await StandInAgent.register(request, token, 'gpu-7')
  await agent.refused(await agent.next(), 'policy', 'cwd /srv is not below an allowed folder')
  await expect(page.locator('[data-progress]')).toContainText('The policy of the host does not allow it.')
  await expect(page.locator('[data-progress]')).toContainText('cwd /srv is not below an allowed folder')
})

test('a run that cannot be repeated says why before anybody tries', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'mute', [['batch_start', null, { n_total_jobs: 1 }], ['batch_done', null, {}]])
  await page.goto('/batches/mute')
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page.locator('[data-disabled]')).toContainText('No command was recorded')
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Run again' })).toBeDisabled()
})

test('agents show what they may run, are renamed and revoked', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await page.goto('/agents')
  await expect(page.getByText('No agent yet')).toBeVisible()
  await expect(page.getByText('argus-agent login')).toBeVisible()
  const agent = await StandInAgent.register(request, token, 'gpu-7')
  await agent.beat({ policy: { approve: 'ask', summary: ['runs only below /srv/runs'] }, runs: [] })
  const row = page.locator(`[data-agent="${agent.id}"]`)
  await expect(row).toContainText('Online')
  await agent.beat({ runs: [{ cmd_id: 'c', batch_id: 'far-away', pid: 4711, state: 'running' }] })
  await expect(row).toContainText('far-away')
  await row.getByText('What it may run').click()
  await expect(row).toContainText('runs only below /srv/runs')
  await row.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('campus box')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(row).toContainText('campus box')
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(row).toBeHidden()
})
