import { createToken, expect, register, test, visit } from './fixtures'

test.use({ viewport: { width: 360, height: 740 } })

test('pages fit a phone, and nothing breaks the content security policy', async ({ page, train }) => {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await register(page)
  const trainer = train({ token: await createToken(page), prefix: 'a-rather-long-name-for-a-batch', jobs: 3, epochs: 3 })
  trainer.advance(3)
  await trainer.ended
  await page.getByRole('link', { name: 'Argus' }).click()
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible()
  await expectToFit(page)
  await visit(page, 'Batches')
  const batch = page.getByRole('link', { name: /^a-rather-long/ })
  await expect(batch).toBeVisible()
  await expectToFit(page)
  await batch.click()
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '9')
  await expectToFit(page)
  await page.getByRole('link', { name: 'lr-1' }).click()
  await expect(page.getByRole('heading', { name: 'lr-1' })).toBeVisible()
  await expectToFit(page)
  const pages = [
    '/tokens', '/settings', '/settings?tab=security', '/settings?tab=notifications', '/settings?tab=channels', '/start', '/projects', '/projects/demo',
    '/projects/demo?tab=settings', '/projects/demo?tab=matrix', '/jobs', '/hosts', '/studies', '/notifications', '/admin', '/admin?tab=users', '/admin?tab=config',
    '/admin?tab=audit', '/public/projects',
  ]
  for (const path of pages) {
    await page.goto(path)
    await expect(page.getByRole('heading').first()).toBeVisible()
    await expectToFit(page)
  }
  expect(complaints).toEqual([])
})

async function expectToFit(page: import('@playwright/test').Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
}
