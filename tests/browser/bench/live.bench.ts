import type { APIRequestContext, Page } from '@playwright/test'
import { expect, PASSWORD, report, type ReportedEvent, test } from '../fixtures'
import { HEAD, summary, watchFrames } from './frames'

const SECONDS = Number(process.env.ARGUS_BENCH_SECONDS ?? 60)
const EVENTS_PER_SECOND = 200
const TICKS_PER_SECOND = 10
/** The most events of one request. */
const PIECE = 500
const rows: string[] = []

test.afterAll(() => {
  console.log([...HEAD, ...rows].join('\n'))
})

test(`a batch of 1,000 jobs, ${EVENTS_PER_SECOND} events a second`, async ({ page, browser, request }) => {
  test.setTimeout(600_000)
  const token = await enter(page, request)
  const jobs = Array.from({ length: 1_000 }, (_, i) => `job-${String(i).padStart(4, '0')}`)
  await seed(request, token, 'thousand', [
    ['batch_start', null, { n_total_jobs: jobs.length }],
    ...jobs.flatMap((job, i): ReportedEvent[] => [['job_start', job, { model: `model-${i % 40}`, dataset: `data-${i % 25}` }], ['job_epoch', job, { epoch: 0, train_loss: 2, val_loss: 2.2 }]]),
    ...jobs.slice(0, 800).map((job, i): ReportedEvent => ['job_done', job, { status: 'DONE', metrics: { MSE: 1 / (i + 1), R2: i / 1000 } }]),
  ])
  for (const [tab, words] of [['', 'overview, 1,000 jobs'], ['?tab=matrix', 'matrix, 1,000 cells']] as const) {
    await page.goto(`/batches/thousand${tab}`)
    await expect(page.locator('[data-live="live"]')).toBeVisible()
    await expect(page.locator('table tbody tr').nth(20)).toBeVisible()
    rows.push(summary(words, await watchFrames(browser, page, () => feed(request, token, 'thousand', jobs.slice(800)))))
  }
})

test('100 curves of 1,000 points', async ({ page, browser, request }) => {
  test.setTimeout(900_000)
  const token = await enter(page, request)
  const jobs = Array.from({ length: 100 }, (_, i) => `curve-${i}`)
  await seed(request, token, 'hundred', [
    ...jobs.map((job): ReportedEvent => ['job_start', job, {}]),
    ...jobs.flatMap((job, i) => Array.from({ length: 1_000 }, (_, epoch): ReportedEvent => ['job_epoch', job, { epoch, train_loss: 1 / (epoch + 1) + i / 100 + Math.sin(epoch) / 50 }])),
  ])
  await page.goto('/batches/hundred')
  await expect(page.locator('.canvas canvas')).toBeVisible()
  rows.push(summary('100 curves × 1,000 points', await watchFrames(browser, page, () => feed(request, token, 'hundred', jobs, 1_000))))
})

/** Logs in and makes a token, both without a page. */
async function enter(page: Page, request: APIRequestContext): Promise<string> {
  await request.post('/api/auth/register', { data: { username: 'ada', email: 'ada@example.org', password: PASSWORD } })
  await page.goto('/login')
  await page.getByLabel('User name or e-mail').fill('ada')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('button', { name: 'Account' })).toBeVisible()
  const session = await (await request.post('/api/auth/login', { data: { username_or_email: 'ada', password: PASSWORD } })).json()
  const made = await request.post('/api/tokens', { headers: { Authorization: `Bearer ${session.access_token}` }, data: { name: 'bench', scope: 'reporter' } })
  return (await made.json()).token
}

async function seed(request: APIRequestContext, token: string, batch: string, events: readonly ReportedEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += PIECE) await report(request, token, batch, events.slice(from, from + PIECE))
}

/** Epochs of all jobs in turn, with a log line among them, at an even pace. */
async function feed(request: APIRequestContext, token: string, batch: string, jobs: readonly string[], first = 1): Promise<void> {
  const perTick = EVENTS_PER_SECOND / TICKS_PER_SECOND
  const start = Date.now()
  for (let tick = 0; tick < SECONDS * TICKS_PER_SECOND; tick += 1) {
    const events = Array.from({ length: perTick }, (_, i): ReportedEvent => {
      const order = tick * perTick + i
      const job = jobs[order % jobs.length] ?? ''
      const epoch = first + Math.floor(order / jobs.length)
      return i === 0 ? ['log_line', job, { line: `epoch ${epoch}`, level: 'info' }] : ['job_epoch', job, { epoch, train_loss: 1 / epoch + Math.random() / 50, val_loss: 1.1 / epoch }]
    })
    await report(request, token, batch, events)
    const wait = start + ((tick + 1) * 1000) / TICKS_PER_SECOND - Date.now()
    if (wait > 0) await new Promise((done) => setTimeout(done, wait))
  }
}
