import { gzipSync } from 'node:zlib'
import { expect, register, test } from './fixtures'

/** Before charts; people open Argus on a phone, on a train. */
const FIRST_LOAD_KIB = 250

test('the first load is small and brings no charts', async ({ page, context }) => {
  await register(page)
  const fresh = await context.newPage()
  const sizes = new Map<string, Promise<number>>()
  fresh.on('response', (answer) => {
    const { pathname } = new URL(answer.url())
    if (/^\/(assets\/.*|[\w-]+\.js|)$/.test(pathname)) sizes.set(pathname, answer.body().then((body) => gzipSync(body).length))
  })
  await fresh.goto('/')
  await expect(fresh.getByRole('heading', { name: 'Dashboard' })).toBeVisible()
  await fresh.waitForLoadState('networkidle').catch(() => undefined)
  const kib = (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0) / 1024
  console.log(`first load ${kib.toFixed(0)} KiB gzip in ${sizes.size} files, budget ${FIRST_LOAD_KIB}`)
  expect(sizes.size).toBeGreaterThan(5)
  expect(kib).toBeLessThanOrEqual(FIRST_LOAD_KIB)
  expect([...sizes.keys()].filter((name) => /EChart|register-/.test(name))).toEqual([])
})
