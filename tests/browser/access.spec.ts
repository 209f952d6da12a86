import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createToken, expect, register, test } from './fixtures'
import { everyPage, go, open, OPEN_PAGES } from './pages'
import { ORDINARY, ordinary } from './stage'

const SERIOUS = new Set(['serious', 'critical'])
const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

test('no page has a serious fault of accessibility, in either theme', async ({ page, request }) => {
  test.setTimeout(400_000)
  // Colours half faded in are nobody's colours.
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await register(page, 'ada')
  await ordinary(request, await createToken(page))
  for (const path of everyPage(ORDINARY)) await expectAccessible(page, path)
  await page.evaluate(() => localStorage.removeItem('argus.session'))
  await open(page, '/login')
  for (const path of OPEN_PAGES) await expectAccessible(page, path)
})

/** Themes differ in their colours only, so the second look is at those. */
async function expectAccessible(page: Page, path: string): Promise<void> {
  await go(page, path)
  const light = await faults(new AxeBuilder({ page }).withTags(LEVELS))
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await faults(new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']))
  await page.emulateMedia({ colorScheme: 'light' })
  expect.soft({ path, light, dark }).toEqual({ path, light: [], dark: [] })
}

async function faults(builder: AxeBuilder): Promise<unknown[]> {
  const { violations } = await builder.options({ resultTypes: ['violations'] }).analyze()
  return violations
    .filter((violation) => SERIOUS.has(violation.impact ?? ''))
    .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 4).map((node) => `${node.target.join(' ')} — ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`) }))
}
