import { readFileSync } from 'node:fs'
import { createToken, expect, register, report, type ReportedEvent, test } from './fixtures'

/** A batch of one job that has ended well, on a host that told of itself meanwhile. */
function finished(): ReportedEvent[] {
  const gauges = (gpu: number) => ({ gpu_util_pct: gpu, gpu_mem_mb: 9_000, gpu_mem_total_mb: 80_000, cpu_util_pct: 40, ram_mb: 4_000, ram_total_mb: 64_000 })
  return [
    ['batch_start', null, { n_total_jobs: 1, command: 'python train.py lr=0.1' }],
    ['job_start', 'j1', { model: 'net', dataset: 'set' }],
    ['resource_snapshot', null, gauges(40)],
    ['job_epoch', 'j1', { epoch: 0, train_loss: 1, val_loss: 1 }],
    ['resource_snapshot', null, gauges(90)],
    ['job_done', 'j1', { status: 'DONE', metrics: { MSE: 0.5 } }],
    ['batch_done', null, {}],
  ]
}

test('a batch is starred and pinned, and found by both', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  for (const batch of ['plain', 'dear']) await report(request, token, batch, finished())
  await page.goto('/batches/dear')
  await page.getByRole('button', { name: 'Star this batch' }).click()
  await expect(page.getByRole('button', { name: 'Star this batch' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: 'Pin to the dashboard' }).click()
  await expect(page.getByRole('button', { name: 'Pin to the dashboard' })).toHaveAttribute('aria-pressed', 'true')

  await page.goto('/batches')
  await expect(page.getByRole('link', { name: 'plain' })).toBeVisible()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Starred batches' }).click()
  await expect(page.getByRole('link', { name: 'plain' })).toBeHidden()
  await expect(page.getByRole('link', { name: 'dear' })).toBeVisible()

  await page.goto('/')
  const pin = page.locator('[data-pin="dear"]')
  await expect(pin.getByRole('link', { name: 'dear' })).toBeVisible()
  await pin.getByRole('button', { name: 'Pin to the dashboard' }).click()
  await expect(pin).toBeHidden()
})

test('files are added to a batch and to a job, shown, fetched and deleted', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'run', finished())
  await page.goto('/batches/run?tab=artifacts')
  await expect(page.getByText('No file')).toBeVisible()
  const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('it went well\n') }
  await page.getByLabel('Files to add').setInputFiles([notes])
  const file = page.locator('[data-artifact="notes.txt"]')
  await expect(file).toContainText('13 B')
  const saved = page.waitForEvent('download')
  await file.getByRole('button', { name: 'Download' }).click()
  expect(readFileSync(await (await saved).path(), 'utf8')).toBe('it went well\n')
  await file.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(file).toBeHidden()

  await page.goto('/batches/run/jobs/j1')
  await page.getByLabel('Files to add').setInputFiles([notes])
  await expect(file).toBeVisible()
  await page.goto('/batches/run?tab=artifacts')
  await expect(file).toContainText('j1')
})

test('a large file goes to the bucket and says how far it is', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'run', finished())
  await page.goto('/batches/run?tab=artifacts')
  const uploads: string[] = []
  page.on('request', (sent) => sent.method() === 'PUT' && uploads.push(new URL(sent.url()).pathname))
  const large = { name: 'checkpoint.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(9 * 1024 * 1024, 7) }
  const transfer = await page.evaluateHandle(([name, size]) => {
    const data = new DataTransfer()
    data.items.add(new File([new Uint8Array(size).fill(7)], name))
    return data
  }, [large.name, large.buffer.length] as const)
  const seen = page.evaluate(() => new Promise<number>((done) => {
    const look = () => {
      const share = document.querySelector<HTMLProgressElement>('[data-upload] progress')?.value ?? 0
      if (share > 0) done(share)
      else requestAnimationFrame(look)
    }
    look()
  }))
  await page.getByRole('region', { name: 'Files' }).dispatchEvent('drop', { dataTransfer: transfer })
  expect(await seen).toBeGreaterThan(0)
  const file = page.locator('[data-artifact="checkpoint.bin"]')
  await expect(file).toContainText('9 MB')
  await expect(page.locator('[data-upload]')).toHaveCount(0)
  expect(uploads).toHaveLength(1)
  const saved = page.waitForEvent('download')
  await file.getByRole('button', { name: 'Download' }).click()
  expect(readFileSync(await (await saved).path()).equals(large.buffer)).toBe(true)
})

test('a job page shows what its host did meanwhile', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'run', finished(), 'demo', { host: 'gpu-7' })
  await page.goto('/batches/run/jobs/j1')
  const strip = page.locator('[data-strip="gpu_util_pct"]')
  await expect(strip).toContainText('65 %')
  await page.getByRole('link', { name: 'All of gpu-7' }).click()
  await expect(page.getByRole('heading', { name: 'gpu-7' })).toBeVisible()
})

test('mails of one batch are chosen and given back', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'run', finished())
  await page.goto('/batches/run?tab=settings')
  await page.getByRole('button', { name: 'Choose for this batch' }).click()
  await expect(page.getByRole('checkbox', { name: 'Batch failed' })).toBeChecked()
  await page.getByRole('checkbox', { name: 'Job failed' }).check()
  await page.reload()
  await expect(page.getByRole('checkbox', { name: 'Job failed' })).toBeChecked()
  await page.getByRole('button', { name: 'As for the project again' }).click()
  await expect(page.getByRole('button', { name: 'Choose for this batch' })).toBeVisible()
})

test('a deleted batch is taken back', async ({ page, request }) => {
  await register(page)
  await report(request, await createToken(page), 'run', finished())
  await page.goto('/batches/run?tab=settings')
  await page.getByRole('button', { name: 'Delete batch' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete batch' }).click()
  await expect(page.getByText('Nothing has reported yet')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('heading', { name: 'run' })).toBeVisible()
  await expect(page.locator('[data-job="j1"]')).toBeVisible()
})

test('many batches are chosen with Shift and tagged in one go', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  for (const batch of ['run-a', 'run-b', 'run-c']) await report(request, token, batch, finished())
  await page.goto('/batches')
  await page.getByRole('checkbox', { name: 'Choose run-c' }).click()
  await page.getByRole('checkbox', { name: 'Choose run-a' }).click({ modifiers: ['Shift'] })
  await expect(page.getByText('3 chosen')).toBeVisible()
  await page.getByRole('button', { name: 'Add tags' }).click()
  await page.getByRole('dialog').getByLabel('Tags').fill('paper')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'paper' })).toHaveCount(3)
})
