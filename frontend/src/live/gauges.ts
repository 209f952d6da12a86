/** Host gauges from the two shapes they come in: live events and the resources route. */
import type { HostSnapshots } from '@/api/types'
import type { WireEvent } from './event'
import type { Gauges } from './view'

/** Route's name of a gauge, by the event's name. */
const RENAMED: Readonly<Record<string, string>> = {
  gpu_util_pct: 'gpu_util',
  gpu_mem_mb: 'vram_used_mb',
  gpu_mem_total_mb: 'vram_total_mb',
  cpu_util_pct: 'cpu_util',
  ram_mb: 'ram_used_mb',
}

export function gaugesOf(event: WireEvent): Gauges {
  const values = numbersOf(event.data)
  for (const [from, to] of Object.entries(RENAMED)) {
    const value = values[from]
    if (value !== undefined) values[to] = value
  }
  if (values.disk_free_mb !== undefined) values.disk_free_gb = values.disk_free_mb / 1024
  return { at: event.timestamp, values }
}

export function newestGauges(answer: HostSnapshots): Gauges | null {
  const newest = answer.snapshots?.[0] as Record<string, unknown> | undefined
  if (!newest) return null
  return { at: typeof newest.ts === 'string' ? newest.ts : '', values: numbersOf(newest) }
}

function numbersOf(row: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(Object.entries(row).filter((pair): pair is [string, number] => typeof pair[1] === 'number'))
}
