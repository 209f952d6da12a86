import { answer, path, request } from './client'
import type { Incidents, Page, Watchdog, WatchdogRecord, WatchdogWish } from './types'

/** The caller's watchdogs with the last problem of each, by host. */
export async function listWatchdogs(): Promise<Watchdog[]> {
  return (await request<{ items: Watchdog[] }>('GET', path('watchdogs'))).items
}

export async function hostWatchdogs(host: string): Promise<Watchdog[]> {
  return (await request<{ items: Watchdog[] }>('GET', path('hosts', host, 'watchdog'))).items
}

export interface RecordQuery {
  agent_id?: string | undefined
  /** Names with commas between. */
  kind?: string | undefined
  since?: string | undefined
  limit?: number
  cursor?: string | undefined
}

/** What one watchdog on a host reported, newest first. */
export async function records(host: string, query: RecordQuery): Promise<Page<WatchdogRecord>> {
  const { body, headers } = await answer<WatchdogRecord[]>('GET', path('hosts', host, 'watchdog', 'records'), { query: { ...query } })
  return { rows: body, next: headers.get('x-next-cursor') }
}

export function setWishes(host: string, wish: WatchdogWish): Promise<Watchdog> {
  return request('PUT', path('hosts', host, 'watchdog', 'policy'), { body: wish })
}

export function answerAsk(host: string, agentId: string, digest: string, verdict: 'allow' | 'deny'): Promise<Watchdog> {
  return request('POST', path('hosts', host, 'watchdog', 'asks'), { body: { agent_id: agentId, digest, verdict } })
}

export function jobIncidents(batchId: string, jobId: string): Promise<Incidents> {
  return request('GET', path('jobs', batchId, jobId, 'incidents'))
}
