import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { createToken, register, test } from './fixtures'
import { lively } from './lively'
import { everyPage, go, open, OPEN_PAGES } from './pages'
import { ORDINARY } from './stage'

/** Where the pictures go: `frontend/screenshots/<size>-<theme>-<language>/<page>.png`. */
const FOLDER = process.env.ARGUS_SHOTS ?? join(import.meta.dirname, '../../frontend/screenshots')
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }
/** Only kinds with this in their name, only pages with that in their address. */
const ONLY = process.env.ARGUS_SHOTS_ONLY ?? ''
const PAGES = process.env.ARGUS_SHOTS_PAGES ?? ''
/** A picture is not taken of a chart half drawn. */
const DRAWN_MILLIS = 350

for (const language of ['en', 'zh-CN'] as const) {
  const kinds = Object.entries(SIZES).flatMap(([size, viewport]) => (['light', 'dark'] as const).map((theme) => ({ theme, viewport, name: `${size}-${theme}-${language}` })))
  const wanted = kinds.filter(({ name }) => name.includes(ONLY))

  test(`every page in ${language}`, async ({ page, request }) => {
    test.skip(wanted.length === 0)
    test.setTimeout(1_800_000)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await register(page, 'ada')
    await lively(request, await createToken(page))
    await page.evaluate((words) => localStorage.setItem('argus.locale', words), language)
    await open(page, '/')
    for (const path of everyPage(ORDINARY)) await shoot(page, path)
    await page.evaluate(() => localStorage.removeItem('argus.session'))
    await open(page, '/login')
    for (const path of OPEN_PAGES) await shoot(page, path)
  })

  /** A page is gone to once, and looked at in every size and theme. */
  const shoot = async (page: Page, path: string) => {
    if (!path.includes(PAGES)) return
    await go(page, path)
    for (const { theme, viewport, name } of wanted) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme: theme })
      await page.waitForTimeout(DRAWN_MILLIS)
      mkdirSync(join(FOLDER, name), { recursive: true })
      await page.screenshot({ path: join(FOLDER, name, `${nameOf(path)}.png`), fullPage: true, animations: 'disabled' })
    }
  }
}

function nameOf(path: string): string {
  return path.replace(/^\//, '').replace(/[^\w.]+/g, '-').replace(/-$/, '') || 'dashboard'
}
