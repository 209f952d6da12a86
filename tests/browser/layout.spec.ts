import { createToken, expect, register, test, visit } from './fixtures'
import { expectToFit } from './fit'
import { everyPage, go, open, OPEN_PAGES } from './pages'
import { BATCH, JOB, longNamed, STAGE } from './stage'

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
  expect(complaints).toEqual([])
})

test('every page fits a phone, whatever the things on it are called', async ({ page, request }) => {
  test.setTimeout(300_000)
  await register(page, STAGE.user)
  const token = await createToken(page)
  await longNamed(request, token)
  for (const path of everyPage({ batch: BATCH, other: STAGE.other, job: JOB, project: STAGE.project, host: STAGE.host, study: STAGE.study })) {
    await go(page, path)
    await expectToFit(page)
  }
  await page.evaluate(() => localStorage.clear())
  await open(page, '/login')
  for (const path of OPEN_PAGES) {
    await go(page, path)
    await expectToFit(page)
  }
})
