import { expect, type Page, type Request } from '@playwright/test'

/** What a server with some work on it has to show. */
export interface Stage {
  batch: string
  /** To compare with. */
  other: string
  job: string
  project: string
  host: string
  study: string
}

const SETTINGS = ['profile', 'security', 'notifications', 'channels', 'logins', 'shared', 'data']
const ADMIN = ['health', 'data', 'costs', 'users', 'flags', 'config', 'mail', 'templates', 'letters', 'audit', 'publish', 'security']
const PROJECT = ['overview', 'batches', 'leaderboard', 'matrix', 'resources', 'settings']
const BATCH = ['overview', 'matrix', 'logs', 'timeline', 'resources', 'environment', 'artifacts', 'lineage', 'settings']

/** Every page and every tab of it, for somebody who is logged in. */
export function everyPage(stage: Stage): string[] {
  const [batch, other, job, project, host, study] = [stage.batch, stage.other, stage.job, stage.project, stage.host, stage.study].map(encodeURIComponent)
  const tabs = (path: string, names: readonly string[]) => names.map((name, i) => (i === 0 ? path : `${path}?tab=${name}`))
  return [
    '/',
    '/projects',
    ...tabs(`/projects/${project}`, PROJECT),
    '/batches',
    ...tabs(`/batches/${batch}`, BATCH),
    `/batches/${batch}/jobs/${job}`,
    '/jobs',
    `/compare?batches=${batch},${other}`,
    '/studies',
    `/studies/${study}`,
    '/hosts',
    ...tabs(`/hosts/${host}`, ['gauges', 'watchdog']),
    '/agents',
    '/notifications',
    '/start',
    '/tokens',
    ...tabs('/settings', SETTINGS),
    ...tabs('/admin', ADMIN),
    '/public/projects',
    `/public/projects/${project}`,
    '/nothing/here',
  ]
}

/** Pages for people who are not logged in. */
export const OPEN_PAGES = ['/login', '/register', '/forgot-password', '/reset-password?token=x', '/verify-email?token=x', '/unsubscribe?token=x']

/** Opens a page and waits until what it reads is there. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await settled(page)
}

/** Goes to a page as a link to it would: the program is not loaded again. */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(async (to) => {
    const app = (document.querySelector('#app') as unknown as { __vue_app__: { config: { globalProperties: { $router: { push(to: string): Promise<unknown> } } } } }).__vue_app__
    await app.config.globalProperties.$router.push(to)
  }, path)
  await settled(page)
}

/** Answers and parts of the program the page still waits for. */
const pending = new WeakMap<Page, Set<Request>>()

function pendingOf(page: Page): Set<Request> {
  const known = pending.get(page)
  if (known) return known
  const own = new Set<Request>()
  pending.set(page, own)
  page.on('request', (request) => {
    // The connection's own program is nothing the page shows, and nobody hears of its end when tabs share it.
    if (!new URL(request.url()).pathname.startsWith('/assets/worker-')) own.add(request)
  })
  page.on('requestfinished', (request) => own.delete(request))
  page.on('requestfailed', (request) => own.delete(request))
  return own
}

async function settled(page: Page): Promise<void> {
  const own = pendingOf(page)
  await expect(page.getByRole('heading').first()).toBeVisible()
  // Quiet twice in a row: what came may ask for more.
  let quiet = 0
  const open = () => {
    quiet = own.size === 0 ? quiet + 1 : 0
    return quiet > 1 ? [] : ['looked at once more', ...[...own].map((request) => request.url())]
  }
  await expect.poll(open, { intervals: [40] }).toEqual([])
  await expect(page.locator('.skeleton')).toHaveCount(0)
}
