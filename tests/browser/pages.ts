import { expect, type Page } from '@playwright/test'

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
const ADMIN = ['health', 'data', 'users', 'flags', 'config', 'mail', 'templates', 'letters', 'audit', 'publish', 'security']
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
  await expect(page.getByRole('heading').first()).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
}
