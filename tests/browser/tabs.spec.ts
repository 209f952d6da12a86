import { createToken, expect, register, report, test } from './fixtures'

test('two tabs live on one connection, and a lost server is told to both', async ({ page, context, request, server }) => {
  const streams: string[] = []
  context.on('request', (sent) => sent.url().includes('/api/sse') && sent.serviceWorker() === null && streams.push(sent.url()))
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'one', [['batch_start', null, { n_total_jobs: 1 }], ['job_start', 'j', {}]])
  await report(request, token, 'two', [['batch_start', null, { n_total_jobs: 1 }], ['job_start', 'j', {}]])
  await page.goto('/batches/one')
  const other = await context.newPage()
  await other.goto('/batches/two')
  await expect(page.locator('[data-live="live"]')).toBeVisible()
  await expect(other.locator('[data-live="live"]')).toBeVisible()
  await report(request, token, 'one', [['job_epoch', 'j', { epoch: 0, train_loss: 1 }]])
  await report(request, token, 'two', [['job_epoch', 'j', { epoch: 0, train_loss: 1 }], ['job_epoch', 'j', { epoch: 1, train_loss: 1 }]])
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '1')
  await expect(other.locator('[data-points]')).toHaveAttribute('data-points', '2')
  // Requests of pages are seen here, those of the shared worker are not.
  expect(streams).toEqual([])

  await server.end('SIGKILL')
  for (const tab of [page, other]) await expect(tab.getByText('The connection to the server was lost.')).toBeVisible()
  await server.start()
  for (const tab of [page, other]) await expect(tab.getByText('The connection to the server was lost.')).toBeHidden()
  await other.close()
  await report(request, token, 'one', [['job_epoch', 'j', { epoch: 1, train_loss: 1 }]])
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '2')
})

test('a stop in one browser is seen in the other, and being offline is said', async ({ page, browser, baseURL, context, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'run', [['batch_start', null, { n_total_jobs: 1 }], ['job_start', 'j', {}]])
  await page.goto('/batches/run')
  const elsewhere = await browser.newContext({ storageState: await context.storageState(), ...(baseURL && { baseURL }) })
  const other = await elsewhere.newPage()
  await other.goto('/batches/run')
  await expect(other.locator('[data-live="live"]')).toBeVisible()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }).click()
  await expect(other.locator('[data-status="stopping"]').first()).toBeVisible()
  await elsewhere.close()

  await context.setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible()
  await context.setOffline(false)
  await expect(page.getByText('You are offline.')).toBeHidden()
})
