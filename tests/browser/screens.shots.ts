import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createToken, PASSWORD, register, test } from './fixtures'
import { everyPage, open, OPEN_PAGES } from './pages'
import { ORDINARY, ordinary } from './stage'

/** Where the pictures go: `frontend/screenshots/<size>-<theme>-<language>/<page>.png`. */
const FOLDER = process.env.ARGUS_SHOTS ?? join(import.meta.dirname, '../../frontend/screenshots')
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }
const ONLY = process.env.ARGUS_SHOTS_ONLY

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en', 'zh-CN'] as const) {
      const kind = `${size}-${theme}-${language}`
      test(kind, async ({ page, request }) => {
        test.skip(ONLY !== undefined && !kind.includes(ONLY))
        test.setTimeout(900_000)
        await page.setViewportSize(SIZES.desktop)
        await register(page, 'ada')
        const token = await createToken(page)
        await ordinary(request, token)
        const session = await (await request.post('/api/auth/login', { data: { username_or_email: 'ada', password: PASSWORD } })).json()
        await request.patch(`/api/projects/${ORDINARY.project}`, { headers: { Authorization: `Bearer ${session.access_token}` }, data: { visibility: 'public', description: 'Image classification on small pictures.' } })
        await page.setViewportSize(viewport)
        await page.evaluate(([chosen, words]) => {
          localStorage.setItem('argus.theme', chosen)
          localStorage.setItem('argus.locale', words)
        }, [theme, language] as const)
        const folder = join(FOLDER, kind)
        mkdirSync(folder, { recursive: true })
        const shoot = async (path: string) => {
          await open(page, path)
          // Charts draw in the frame after they arrive.
          await page.waitForTimeout(600)
          await page.screenshot({ path: join(folder, `${nameOf(path)}.png`), fullPage: true, animations: 'disabled' })
        }
        for (const path of everyPage(ORDINARY)) await shoot(path)
        await page.evaluate(() => localStorage.removeItem('argus.session'))
        for (const path of OPEN_PAGES) await shoot(path)
      })
    }
  }
}

function nameOf(path: string): string {
  return path.replace(/^\//, '').replace(/[^\w.]+/g, '-').replace(/-$/, '') || 'dashboard'
}
