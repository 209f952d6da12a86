import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { createToken, expect, register, test } from './fixtures'
import { everyPage, open, OPEN_PAGES } from './pages'
import { ORDINARY, ordinary } from './stage'

const SERIOUS = new Set(['serious', 'critical'])

for (const theme of ['light', 'dark'] as const) {
  test(`no page has a serious fault of accessibility in the ${theme} theme`, async ({ page, request }) => {
    test.setTimeout(400_000)
    await page.addInitScript((chosen) => localStorage.setItem('argus.theme', chosen), theme)
    await register(page, 'ada')
    await ordinary(request, await createToken(page))
    for (const path of everyPage(ORDINARY)) await expectAccessible(page, path)
    await page.evaluate(() => localStorage.removeItem('argus.session'))
    for (const path of OPEN_PAGES) await expectAccessible(page, path)
  })
}

async function expectAccessible(page: Page, path: string): Promise<void> {
  await open(page, path)
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  const found = violations
    .filter((violation) => SERIOUS.has(violation.impact ?? ''))
    .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 4).map((node) => `${node.target.join(' ')} — ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`) }))
  expect.soft({ path, found }).toEqual({ path, found: [] })
}

