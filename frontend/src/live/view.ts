import type { Batch, Job } from '@/api/types'
import { EMPTY_TAIL, type LogTail } from '@/domain/logs'
import type { Series } from '@/domain/series'

/** Gauges of the host, as the newest snapshot gave them. */
export interface Gauges {
  readonly at: string
  readonly values: Readonly<Record<string, number>>
}

/** Everything one page about a batch (or one of its jobs) shows. */
export interface RunView {
  readonly batch: Batch | null
  /** In the order they are listed. */
  readonly jobs: ReadonlyMap<string, Job>
  readonly series: ReadonlyMap<string, Series>
  readonly logs: LogTail
  readonly gauges: Gauges | null
}

export const EMPTY_VIEW: RunView = {
  batch: null,
  jobs: new Map(),
  series: new Map(),
  logs: EMPTY_TAIL,
  gauges: null,
}
