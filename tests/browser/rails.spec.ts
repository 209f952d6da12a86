import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createToken, expect, register, report, type ReportedEvent, test } from './fixtures'

/** A loss that rises to three times what it was. */
function rising(): ReportedEvent[] {
  return [
    ['batch_start', null, { n_total_jobs: 1 }],
    ['job_start', 'j1', { model: 'net', dataset: 'set' }],
    ...[1, 2, 3].map((loss, epoch): ReportedEvent => ['job_epoch', 'j1', { epoch, train_loss: loss, val_loss: loss }]),
    ['job_done', 'j1', { status: 'DONE' }],
    ['batch_done', null, {}],
  ]
}

test('thresholds are tried on the past before they are saved', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'steep', rising())
  await page.goto('/projects/demo?tab=settings')
  const form = page.getByRole('region', { name: 'Guardrails' })
  await form.getByLabel('Rise until diverged').fill('1.5')
  await form.getByRole('button', { name: 'Try on past runs' }).click()
  const trial = page.locator('[data-trial]')
  await expect(trial).toContainText('Would have fired 1 time')
  await expect(trial.getByRole('row', { name: /^Diverged/ })).toHaveText(/Diverged\s*1\s*1/)
  await form.getByLabel('Rise until diverged').fill('100')
  await form.getByRole('button', { name: 'Try on past runs' }).click()
  await expect(trial.getByRole('row', { name: /^Diverged/ })).toHaveText(/Diverged\s*1\s*0/)
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved.').first()).toBeVisible()
  await page.reload()
  await expect(form.getByLabel('Rise until diverged')).toHaveValue('100')
})

test('a project tells a webhook, and what was said is listed and said again', async ({ page, request }) => {
  const heard: string[] = []
  const hook = createServer((message, answer) => {
    let body = ''
    message.on('data', (part: Buffer) => (body += part.toString()))
    message.on('end', () => {
      heard.push(body)
      answer.end('ok')
    })
  }).listen(0, '127.0.0.1')
  try {
    await register(page)
    await report(request, await createToken(page), 'steep', rising())
    await page.goto('/projects/demo?tab=settings')
    await page.getByRole('button', { name: 'New channel' }).click()
    await page.getByLabel('Kind').selectOption('webhook')
    await page.getByRole('dialog').getByLabel('Name').fill('room')
    await page.getByLabel('Address').fill(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/argus`)
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    const room = page.locator('[data-channel="room"]')
    await expect(room).toBeVisible()
    await room.getByRole('button', { name: 'Test' }).click()
    await expect.poll(() => heard.length).toBe(1)
    await room.getByRole('button', { name: 'What was said' }).click()
    await expect(page.getByRole('dialog').getByText('Delivered')).toBeVisible()
    await page.getByRole('dialog').getByRole('button', { name: 'Again' }).click()
    await expect.poll(() => heard.length).toBe(2)
  } finally {
    hook.close()
  }
})

test('an administrator sees the backups and what a sweep would take', async ({ page }) => {
  await register(page)
  await page.goto('/admin?tab=data')
  await expect(page.getByRole('region', { name: 'Backups' })).toContainText('every 6 h')
  await expect(page.getByText('Nothing: everything is within its days')).toBeVisible()
})
