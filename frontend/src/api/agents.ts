import { path, request } from './client'
import type { Agent, Rerun, RerunInfo, StopWish } from './types'

export async function listAgents(everybodys: boolean): Promise<Agent[]> {
  const query = { scope: everybodys ? 'all' : undefined }
  return (await request<{ items: Agent[] }>('GET', path('agents'), { query })).items
}

export function renameAgent(id: string, label: string | null): Promise<Agent> {
  return request('PATCH', path('agents', id), { body: { label } })
}

export function revokeAgent(id: string): Promise<unknown> {
  return request('DELETE', path('agents', id))
}

export function rerunInfo(batchId: string): Promise<RerunInfo> {
  return request('GET', path('batches', batchId, 'rerun-info'))
}

export interface RerunWish {
  overrides: Readonly<Record<string, unknown>>
  name?: string | undefined
}

export function rerun(batchId: string, wish: RerunWish): Promise<Rerun> {
  return request('POST', path('batches', batchId, 'rerun'), { body: wish })
}

/** Whether and by whom a batch was asked to stop. */
export function stopWish(batchId: string): Promise<StopWish> {
  return request('GET', path('batches', batchId, 'stop-requested'))
}
