import { createToken, expect, register, report, test, visit } from './fixtures'

test('a page that breaks says what to report and leaves the rest at work', async ({ page, context, request }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await register(page)
  await report(request, await createToken(page), 'run', [['batch_start', null, { n_total_jobs: 1 }]])
  // An answer of another shape than agreed is the surest way to break a page.
  await page.route('**/api/dashboard*', async (route) => {
    const answer = await route.fetch()
    // Without its tag, so that the browser does not keep it in the place of the right one.
    await route.fulfill({ headers: { 'x-request-id': answer.headers()['x-request-id'] ?? '' }, json: { counters: null } })
  })
  await page.goto('/')
  const crash = page.getByRole('alert')
  await expect(crash).toContainText('Request id')
  const details = await crash.locator('pre').innerText()
  expect(details).toMatch(/Request id: \S{8,}/)
  expect(details).toContain('TypeError')
  await crash.getByRole('button', { name: /Copy/ }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('TypeError')

  // Other pages do not know of it.
  await visit(page, 'Batches')
  await expect(page.getByRole('link', { name: 'run' })).toBeVisible()
  await visit(page, 'Dashboard')
  await expect(crash).toBeVisible()
  await page.unroute('**/api/dashboard*')
  await crash.getByRole('button', { name: 'Show it again' }).click()
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible()
  await expect(crash).toBeHidden()
})
