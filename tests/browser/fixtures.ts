import { type APIRequestContext, test as base, expect, type Page } from '@playwright/test'
import { Server } from './server'
import { Trainer, type TrainerOptions } from './trainer'

export { expect }

interface Fixtures {
  server: Server
  /** Starts a trainer that ends with the test. */
  train(options: Omit<TrainerOptions, 'url' | 'home'>): Trainer
}

export const PASSWORD = 'correct-horse-1'

/** Every test has a server of its own, empty at the start. */
export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = new Server()
    await server.start()
    await use(server)
    await server.remove()
  },
  baseURL: async ({ server }, use) => use(server.url),
  train: async ({ server }, use) => {
    const running: Trainer[] = []
    await use((options) => {
      const trainer = new Trainer({ url: server.url, home: server.home, ...options })
      running.push(trainer)
      return trainer
    })
    for (const trainer of running) trainer.kill()
  },
})

/** Registers through the page; the new user is logged in afterwards. */
export async function register(page: Page, username = 'ada'): Promise<void> {
  await page.goto('/register')
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('E-mail').fill(`${username}@example.org`)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByRole('heading', { name: 'Your first run' })).toBeVisible()
}

/** Creates a token on its page and reads the plain text shown once. */
export async function createToken(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Tokens' }).click()
  await page.getByLabel('Name').fill('test machine')
  await page.getByRole('button', { name: 'Create token' }).click()
  const token = (await page.locator('[data-token] pre').innerText()).trim()
  expect(token).toMatch(/^em_live_/)
  return token
}

/** Goes to a page of the main navigation. */
export async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click()
}

/** An account made without a page. */
export async function addAccount(request: APIRequestContext, username: string): Promise<void> {
  const answer = await request.post('/api/auth/register', { data: { username, email: `${username}@example.org`, password: PASSWORD } })
  expect(answer.status()).toBe(201)
}

/** Logs in through the page. */
export async function login(page: Page, username: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('User name or e-mail').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('button', { name: 'Account' })).toBeVisible()
}

/** Hands in events as the reporter does, in one piece. */
export async function report(request: APIRequestContext, token: string, batch: string, events: readonly ReportedEvent[], project = 'demo', source: { host?: string; user?: string } = {}): Promise<void> {
  const answer = await request.post('/api/events/batch', {
    headers: { Authorization: `Bearer ${token}` },
    data: {
      events: events.map(([event_type, job_id, data, minutes = 0]) => ({
        event_id: crypto.randomUUID(), schema_version: '1.1', event_type, timestamp: new Date(Date.now() - minutes * 60_000).toISOString(), batch_id: batch, job_id, source: { project, ...source }, data,
      })),
    },
  })
  expect(answer.status()).toBe(200)
  expect((await answer.json()).rejected).toBe(0)
}

/** Kind, job and data, and how many minutes ago it was. */
export type ReportedEvent = readonly [kind: string, job: string | null, data: Readonly<Record<string, unknown>>, minutes?: number]
