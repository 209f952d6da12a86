import { createToken, expect, register, test, visit } from './fixtures'

const EPOCHS = 40

test('a real run is followed live, through a restart of the server, to the last point', async ({ page, server, train }) => {
  await register(page)
  const token = await createToken(page)
  await page.getByRole('link', { name: 'Argus' }).click()
  await expect(page.getByText('Nothing has reported yet')).toBeVisible()

  const trainer = train({ token, prefix: 'sweep', jobs: 2, epochs: EPOCHS })
  await page.locator('[data-batch]').getByRole('link', { name: /^sweep-/ }).click()
  await expect(page.locator('[data-live="live"]')).toBeVisible()
  await page.evaluate(() => Object.assign(window, { notReloaded: true }))
  const curves = page.locator('[data-points]')

  trainer.advance(5)
  await expect(curves).toHaveAttribute('data-points', '10')
  await expect(page.locator('[data-job="lr-1"]')).toContainText('Running')
  trainer.advance(5)
  await expect(curves).toHaveAttribute('data-points', '20')
  await expect(page.getByRole('log')).toContainText('epoch 9 finished')

  await server.end('SIGKILL')
  await expect(page.getByText('The connection to the server was lost.')).toBeVisible()
  trainer.advance(10)
  await expect.poll(() => trainer.log).toContain('spill')
  await server.start()
  await expect(page.getByText('The connection to the server was lost.')).toBeHidden()
  await expect(page.locator('[data-live="live"]')).toBeVisible()

  trainer.advance(EPOCHS - 20)
  await trainer.ended
  await expect(page.locator('[data-status="done"]').first()).toBeVisible()

  // The reporter hands in what it could not send when the next run starts.
  const next = train({ token, prefix: 'later', jobs: 1, epochs: 1 })
  next.advance(1)
  await next.ended
  await expect(curves).toHaveAttribute('data-points', String(2 * EPOCHS))
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true)

  await page.reload()
  await expect(curves).toHaveAttribute('data-points', String(2 * EPOCHS))
})

test('a reloaded page resumes where it was and shows every line once', async ({ page, train }) => {
  await register(page)
  const trainer = train({ token: await createToken(page), prefix: 'run', jobs: 1, epochs: 30 })
  await visit(page, 'Batches')
  await page.getByRole('link', { name: /^run-/ }).click()
  trainer.advance(10)
  await expect(page.getByRole('log')).toContainText('epoch 9 finished')
  await page.reload()
  await expect(page.locator('[data-live="live"]')).toBeVisible()
  trainer.advance(20)
  await trainer.ended
  await expect(page.getByRole('log')).toContainText('epoch 29 finished')
  await expect(page.getByRole('log').getByText(/^epoch \d+ finished$/)).toHaveCount(30)
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '30')
})

test('the first-run guide opens the first batch by itself, and Stop reaches the script', async ({ page, train }) => {
  await register(page)
  await page.getByRole('button', { name: 'Create a token' }).click()
  const token = (await page.locator('p[data-token]').innerText()).trim()
  await expect(page.getByText(`export ARGUS_TOKEN=${token}`)).toBeVisible()
  const trainer = train({ token, prefix: 'first', jobs: 1, epochs: 100 })
  await expect(page.getByRole('heading', { name: /^first-/ })).toBeVisible()
  await expect(page.locator('[data-cheer]')).toContainText('Your first report has arrived')
  trainer.advance(3)
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '3')

  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }).click()
  await expect(page.locator('[data-status="stopping"]').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden()
})

test('a job page draws any metric and says what cannot be drawn', async ({ page, request, train }) => {
  await register(page)
  const token = await createToken(page)
  const trainer = train({ token, prefix: 'odd', jobs: 1, epochs: 4 })
  await visit(page, 'Batches')
  await page.getByRole('link', { name: /^odd-/ }).click()
  trainer.advance(3)
  await page.getByRole('link', { name: 'lr-0' }).click()
  await expect(page.locator('[data-points]')).toHaveAttribute('data-points', '6')

  const batch = decodeURIComponent(new URL(page.url()).pathname.split('/')[2] ?? '')
  const answer = await request.post('/api/events', {
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    data: Buffer.from(
      `{"event_id":"${crypto.randomUUID()}","schema_version":"1.1","event_type":"job_epoch","timestamp":"2030-01-01T00:00:00Z",` +
        `"batch_id":"${batch}","job_id":"lr-0","source":{"project":"demo"},"data":{"epoch":3,"train_loss":NaN,"val_loss":1.5}}`,
    ),
  })
  expect(answer.status()).toBe(200)
  await expect(page.getByText('train_loss @ 3: NaN')).toBeVisible()
  await page.reload()
  await expect(page.getByText('train_loss @ 3: NaN')).toBeVisible()

  await page.getByRole('button', { name: 'accuracy' }).click()
  await expect(page).toHaveURL(/metrics=train_loss%2Cval_loss%2Caccuracy|metrics=train_loss,val_loss,accuracy/)
  await expect(page.locator('[data-points]')).toHaveCount(2)
  await page.getByRole('button', { name: 'Show as table' }).click()
  await expect(page.getByRole('row', { name: /^3 NaN 1\.5/ })).toBeVisible()
})
