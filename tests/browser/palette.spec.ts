import { readFile } from 'node:fs/promises'
import { createToken, expect, register, report, test } from './fixtures'
import { ORDINARY, ordinary } from './stage'

test('the palette finds anything, keys lead anywhere, and the sheet names them', async ({ page, request }) => {
  await register(page)
  await ordinary(request, await createToken(page))
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Go to anything' })
  await expect(field).toBeFocused()
  for (const [typed, kind, address] of [['resnet-sw', 'Batch', '/batches/resnet-sweep'], ['vit-small-svhn', 'Job', '/jobs/vit-small-svhn'], ['vision', 'Project', '/projects/vision'], ['gpu-01', 'Host', '/hosts/gpu-01']] as const) {
    await field.fill(typed)
    await expect(page.getByRole('option', { name: new RegExp(`${typed}.* ${kind}$`) }).first()).toBeVisible()
    await page.getByRole('option', { name: new RegExp(`${typed}.* ${kind}$`) }).first().click()
    await expect(page).toHaveURL(new RegExp(`${address}$`))
    await page.keyboard.press('.')
  }
  await field.fill('switch to dark')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await expect(page).toHaveURL(/\/hosts$/)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog').getByText('Go to Batches')).toBeVisible()
})

test('a batch leaves as one file that opens without the server', async ({ page, request, context, server }) => {
  await register(page)
  const token = await createToken(page)
  await ordinary(request, token)
  await report(request, token, ORDINARY.batch, [['log_line', ORDINARY.job, { line: '<b>not bold</b>', level: 'info' }]], ORDINARY.project)
  await page.goto(`/batches/${ORDINARY.batch}`)
  await expect(page.locator('[data-job]')).toHaveCount(9)
  await page.getByRole('button', { name: 'More' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Snapshot' }).click()
  const file = await (await saved).path()
  await server.end('SIGKILL')
  const alone = await context.newPage()
  await alone.setContent(await readFile(file, 'utf8'))
  await expect(alone.getByRole('heading', { name: ORDINARY.batch })).toBeVisible()
  await expect(alone.locator('svg path').first()).toBeVisible()
  await expect(alone.getByText('<b>not bold</b>')).toBeVisible()
  await expect(alone.locator('td.best').first()).toBeVisible()
})

test('the tab says how many notifications are unread', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'doomed', [['batch_start', null, { n_total_jobs: 1 }], ['job_start', 'j', {}], ['job_failed', 'j', { reason: 'out of memory' }], ['batch_failed', null, { reason: 'out of memory' }]])
  await expect(page).toHaveTitle(/^\(\d+\) /)
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', '/favicon-unread.svg')
})
