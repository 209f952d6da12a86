import { createToken, expect, register, report, test } from './fixtures'
import { go } from './pages'

interface Shown {
  title: string
  tag: string
}

test('who asked for it is told of a failure by the browser, the tab and the bell', async ({ page, context, request }) => {
  await context.grantPermissions(['notifications'])
  // Shown for real; what was shown is written down beside that.
  await page.addInitScript(() => {
    const shown: Notification[] = []
    class Noted extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        shown.push(this)
      }
    }
    Object.assign(window, { Notification: Noted, shown })
  })
  await register(page)
  const token = await createToken(page)
  const shown = (): Promise<Shown[]> => page.evaluate(() => (window as unknown as { shown: Notification[] }).shown.map(({ title, tag }) => ({ title, tag })))
  const fail = (batch: string) => report(request, token, batch, [['batch_start', null, { n_total_jobs: 1 }], ['job_start', 'j', {}], ['batch_failed', null, { error: 'boom' }]])

  // Nobody asked yet: counted, not shown.
  await page.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => true, configurable: true }))
  await fail('first')
  await expect(page).toHaveTitle(/^\(1\) /)
  await expect(page.locator('[data-unread]')).toHaveText('1')
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', '/favicon-unread.svg')
  expect(await shown()).toEqual([])

  await go(page, '/notifications')
  await page.getByRole('switch', { name: 'Notify me in this browser' }).click()
  await fail('second')
  await expect.poll(shown).toHaveLength(1)
  expect((await shown())[0]?.title).toContain('second')
  await expect(page).toHaveTitle(/^\(2\) /)

  // A click leads to the run.
  await page.evaluate(() => (window as unknown as { shown: Notification[] }).shown[0]?.dispatchEvent(new Event('click')))
  await expect(page).toHaveURL(/\/batches\/second$/)

  // Somebody who looks at the page sees it there.
  await page.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => false, configurable: true }))
  await fail('third')
  await expect(page.locator('[data-unread]')).toHaveText('3')
  expect(await shown()).toHaveLength(1)

  await page.locator('.bell').click()
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await expect(page).toHaveTitle(/^Notifications/)
  await expect(page.locator('[data-unread]')).toHaveCount(0)
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', '/favicon.svg')
})

test('notifications the browser refuses are said to be refused', async ({ page, context }) => {
  await context.clearPermissions()
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }))
  await register(page)
  await page.goto('/notifications')
  await expect(page.getByRole('switch', { name: 'Notify me in this browser' })).toBeDisabled()
})
