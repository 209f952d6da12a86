import { path, request } from './client'
import type { CompactBatch, Dashboard, GpuHours } from './types'

export type Scope = 'mine' | 'shared' | 'all'

export function dashboard(scope?: Scope): Promise<Dashboard> {
  return request('GET', path('dashboard'), { query: { scope } })
}

/** Batches at work with jobs, newest epochs and gauges. */
export async function activeBatches(limit: number, scope?: Scope): Promise<CompactBatch[]> {
  const q = 'status:running OR status:stalled OR status:stopping OR status:divergent'
  const query = { q, limit, resource_limit: 1, scope }
  return (await request<{ batches: CompactBatch[] }>('GET', path('batches', 'compact'), { query })).batches
}

export function gpuHours(days: number): Promise<GpuHours[]> {
  return request('GET', path('stats', 'gpu-hours-by-user'), { query: { days } })
}
