import { createToken, expect, register, report, type ReportedEvent, test } from './fixtures'
import { ORDINARY, ordinary } from './stage'

test('curves are drawn as asked, the address says how, and they leave the page as files', async ({ page, request }) => {
  await register(page)
  await ordinary(request, await createToken(page))
  await page.goto(`/batches/${ORDINARY.batch}`)
  const canvas = page.locator('.canvas canvas')
  await expect(canvas).toBeVisible()
  const look = page.getByRole('group', { name: 'How the curves are drawn' })
  await look.getByLabel('By').selectOption('relative')
  await look.getByLabel('Log scale', { exact: true }).check()
  await look.getByLabel('Range of all').check()
  await look.getByRole('slider').fill('0.6')
  await expect(page).toHaveURL(/x=relative.*log=y.*band=1.*smooth=0.6/)
  await page.reload()
  await expect(look.getByLabel('Range of all')).toBeChecked()
  await expect(look.getByRole('slider')).toHaveValue('0.6')

  const wanted = [['Picture (PNG)', /^\x89PNG/], ['Drawing (SVG)', /^<svg /], ['Values (CSV)', /^curve,metric,epoch,timestamp,value\r\n/]] as const
  for (const [name, start] of wanted) {
    await page.getByRole('button', { name: 'Save this chart' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('menuitem', { name }).click()
    const chunks = await (await (await saved).createReadStream()).toArray()
    expect(Buffer.concat(chunks).toString('latin1')).toMatch(start)
  }
})

test('a part of a long curve that is looked at closely is read in full', async ({ page, request }) => {
  await register(page)
  const token = await createToken(page)
  const epoch = (i: number): ReportedEvent => ['job_epoch', 'long', { epoch: i, train_loss: 1 / (i + 1) + (i === 1_501 ? 0.4 : 0) }]
  for (let from = 0; from < 3_000; from += 500) await report(request, token, 'long-run', Array.from({ length: 500 }, (_, i) => epoch(from + i)))
  await page.goto('/batches/long-run')
  const points = page.locator('[data-points]')
  await expect(points).not.toHaveAttribute('data-points', '0')
  expect(Number(await points.getAttribute('data-points'))).toBeLessThan(1_000)
  const box = await page.locator('.canvas canvas').boundingBox()
  if (!box) throw new Error('no chart')
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  await expect(points).toHaveAttribute('data-points', '3000')
  await page.getByRole('button', { name: 'Whole curve' }).click()
  await expect(page.getByRole('button', { name: 'Whole curve' })).toBeHidden()
})
