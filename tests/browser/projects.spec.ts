import { addAccount, createToken, expect, login, register, report, type ReportedEvent, test, visit } from './fixtures'

const MODELS = ['A', 'B', 'C']
const DATASETS = ['x', 'y']

/** Six jobs whose error grows from one to the next. */
function sweep(): ReportedEvent[] {
  const jobs = MODELS.flatMap((model, i) => DATASETS.map((dataset, k) => ({ id: `${model}-${dataset}`, model, dataset, MSE: 0.1 + 0.2 * i + 0.05 * k })))
  return [
    ['batch_start', null, { n_total_jobs: jobs.length, command: 'python sweep.py' }],
    ...jobs.flatMap(({ id, model, dataset, MSE }): ReportedEvent[] => [
      ['job_start', id, { model, dataset }],
      ['job_epoch', id, { epoch: 0, train_loss: MSE + 0.1, val_loss: MSE + 0.2 }],
      ['job_done', id, { status: 'DONE', metrics: { MSE, R2: 1 - MSE } }],
    ]),
    ['batch_done', null, {}],
  ]
}

test('a project is made, described, measured and opened to everybody', async ({ page, browser, baseURL, request }) => {
  await register(page)
  const token = await createToken(page)
  await visit(page, 'Projects')
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByLabel('Short name').fill('bench')
  await page.getByLabel('Display name').fill('The bench')
  await page.getByRole('button', { name: 'Create project' }).click()
  await expect(page.getByRole('heading', { name: 'The bench' })).toBeVisible()

  await report(request, token, 'sweep-1', sweep(), 'bench')
  await page.getByRole('link', { name: 'Leaderboard' }).click()
  await expect(page.getByRole('row', { name: /^x A 0\.1 \(best\)/ })).toBeVisible()
  await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Matrix' }).click()
  const best = page.locator('td.best')
  await expect(best).toContainText('0.1')
  await expect(page.locator('td.worst')).toContainText('0.55')
  await page.getByLabel('Metric').selectOption('R2')
  await expect(page).toHaveURL(/metric=R2/)
  await expect(best).toContainText('0.9')

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'y' }).click()
  await expect(page).toHaveURL(/hide=y/)
  await page.keyboard.press('Escape')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV of what is shown' }).click()
  const text = await (await (await saved).createReadStream()).toArray()
  expect(Buffer.concat(text).toString()).toMatch(/^Model,x\r\nA,0\.9\r\n/)

  await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Description').fill('Seven models.')
  await page.getByLabel('Visibility').selectOption('public')
  await page.getByRole('region', { name: 'Project settings' }).getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved.').first()).toBeVisible()
  const stranger = await browser.newPage({ ...(baseURL && { baseURL }) })
  await stranger.goto('/public/projects')
  await stranger.getByRole('link', { name: 'The bench' }).click()
  await expect(stranger.getByText('Seven models.')).toBeVisible()
  await expect(stranger.getByText('sweep-1')).toBeVisible()
  await stranger.close()
})

test('a batch is shared by name and by a link that can be revoked', async ({ page, browser, baseURL, request }) => {
  await register(page)
  await addAccount(request, 'bob')
  await report(request, await createToken(page), 'sweep-2', sweep())
  await page.goto('/batches/sweep-2')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User name').fill('bob')
  await dialog.getByRole('button', { name: 'Share' }).click()
  await expect(dialog.locator('[data-grantee="bob"]')).toBeVisible()
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const link = dialog.locator('[data-link] a')
  const address = (await link.getAttribute('href')) ?? ''

  const other = await browser.newPage({ ...(baseURL && { baseURL }) })
  await login(other, 'bob')
  await other.goto('/batches/sweep-2')
  await expect(other.getByRole('heading', { name: 'sweep-2' })).toBeVisible()
  await other.evaluate(() => localStorage.clear())
  await other.goto(address)
  await expect(other.getByText('Read-only view')).toBeVisible()
  await expect(other.locator('[data-job="A-x"]')).toBeVisible()

  await dialog.getByRole('button', { name: 'Revoke link' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke link' }).click()
  await expect(link).toBeHidden()
  await other.reload()
  await expect(other.getByRole('alert')).toContainText('public link')
  await other.close()
})

test('batches are found by a query, whose mistakes have a place, and worked on together', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  await report(request, token, 'sweep-3', sweep())
  await report(request, token, 'sweep-4', sweep())
  await visit(page, 'Batches')
  await expect(page.getByRole('checkbox', { name: 'Choose sweep-4' })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('combobox', { name: 'Query' })).toBeFocused()
  await page.keyboard.type('status:=(')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert').locator('mark')).toBeVisible()
  await page.getByRole('combobox', { name: 'Query' }).fill('id:sweep-3')
  await page.getByRole('combobox', { name: 'Query' }).press('Enter')
  await expect(page).toHaveURL(/q=id/)
  await expect(page.getByRole('link', { name: 'sweep-4' })).toBeHidden()
  await expect(page.getByRole('link', { name: 'sweep-3' })).toBeVisible()
  await page.goto('/batches')
  await expect(page.getByRole('link', { name: 'sweep-4' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('c')
  await expect(page.getByRole('heading', { name: 'Compare' })).toBeVisible()
  await expect(page.getByRole('row', { name: /^MSE/ })).toBeVisible()

  await page.goto('/batches/sweep-3')
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Paper run')
  await page.getByRole('textbox', { name: 'Tags' }).fill('paper, nightly')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { name: 'Paper run' })).toBeVisible()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('link', { name: 'sweep-4' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Paper run' })).toBeHidden()
})
