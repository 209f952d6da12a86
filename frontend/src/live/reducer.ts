/**
 * What events do to a view. Pure: a new view comes back, sharing everything untouched, so that
 * components and charts see by identity what changed. Events that repeat change nothing.
 */
import type { Batch, Job } from '@/api/types'
import { joinLive, type RawLine } from '@/domain/logs'
import { EMPTY_SERIES, mergePoints, type Point, toPoint } from '@/domain/series'
import { batchStatusAfter, hasEnded } from '@/domain/status'
import type { WireEvent } from './event'
import { gaugesOf } from './gauges'
import type { RunView } from './view'

export function reduce(view: RunView, events: readonly WireEvent[]): RunView {
  const draft = new Draft(view)
  for (const event of events) draft.apply(event)
  return draft.finish()
}

class Draft {
  private batch: Batch | null
  private jobs: Map<string, Job> | null = null
  private readonly points = new Map<string, Point[]>()
  private readonly lines: RawLine[] = []
  private gauges

  constructor(private readonly view: RunView) {
    this.batch = view.batch
    this.gauges = view.gauges
  }

  apply(event: WireEvent): void {
    const { data, timestamp } = event
    this.moveBatch(event)
    switch (event.event_type) {
      case 'batch_start':
        return this.startBatch(event)
      case 'batch_done':
      case 'batch_stopped':
        return this.patchBatch({ end_time: timestamp })
      case 'batch_failed':
        return this.patchBatch({ end_time: timestamp, error: text(data.error) ?? text(data.reason) })
      case 'job_start':
        return this.startJob(event)
      case 'job_epoch':
        return this.addPoint(event)
      case 'job_done': {
        const status = (text(data.status) ?? 'done').toLowerCase()
        const metrics = isRecord(data.metrics) ? { metrics: data.metrics } : {}
        return this.patchJob(event, { status, end_time: timestamp, ...elapsed(data), ...metrics })
      }
      case 'job_failed': {
        const error = text(data.error) ?? text(data.reason)
        return this.patchJob(event, { status: 'failed', end_time: timestamp, error, ...elapsed(data) })
      }
      case 'log_line':
        return this.addLine(event)
      case 'resource_snapshot':
        if (timestamp >= (this.gauges?.at ?? '')) this.gauges = gaugesOf(event)
        return
      case 'env_snapshot':
        return this.patchBatch({ env_snapshot: { ...data } })
    }
  }

  finish(): RunView {
    const { view } = this
    let series = view.series
    if (this.points.size > 0) {
      const merged = new Map(view.series)
      for (const [job, points] of this.points) {
        merged.set(job, mergePoints(merged.get(job) ?? EMPTY_SERIES, points))
      }
      series = merged
    }
    const logs = joinLive(view.logs, this.lines)
    return { batch: this.recounted(), jobs: this.jobs ?? view.jobs, series, logs, gauges: this.gauges }
  }

  private moveBatch(event: WireEvent): void {
    const batch = this.batch
    if (!batch) return
    const status = batchStatusAfter(batch.status, event.event_type, event.data)
    const last_event_at = later(batch.last_event_at, event.timestamp)
    if (status !== batch.status || last_event_at !== batch.last_event_at) this.patchBatch({ status, last_event_at })
  }

  private startBatch({ data, source }: WireEvent): void {
    if (!this.batch) return
    const patch: Partial<Batch> = {}
    if (source.host) patch.host = source.host
    if (source.user) patch.user = source.user
    const command = text(data.command) ?? source.command
    if (command) patch.command = command
    const type = text(data.experiment_type)
    if (type) patch.experiment_type = type
    if (typeof data.n_total_jobs === 'number') patch.n_total = data.n_total_jobs
    if (this.batch.status !== 'done') Object.assign(patch, { end_time: null, error: null })
    this.patchBatch(patch)
  }

  private startJob(event: WireEvent): void {
    const known = this.jobMap().get(event.job_id ?? '')
    // A replay may bring the start of a job whose end is known already.
    if (known && hasEnded(known.status) && (known.end_time ?? '') >= event.timestamp) return
    const patch: Partial<Job> = { status: 'running', start_time: event.timestamp, end_time: null, error: null }
    const model = text(event.data.model)
    const dataset = text(event.data.dataset)
    if (model) patch.model = model
    if (dataset) patch.dataset = dataset
    this.patchJob(event, patch)
  }

  private addPoint(event: WireEvent): void {
    if (!event.job_id) return
    const point = toPoint(event.data, event.timestamp)
    if (!point) return
    this.patchJob(event, {})
    const points = this.points.get(event.job_id)
    if (points) points.push(point)
    else this.points.set(event.job_id, [point])
  }

  private addLine({ timestamp, job_id, data }: WireEvent): void {
    const line = text(data.line) ?? text(data.message)
    // The reporter's sign of life is no output.
    if (line === null || (line === 'heartbeat' && 'ts_unix' in data)) return
    this.lines.push({ ts: timestamp, job_id, level: text(data.level) ?? 'info', line })
  }

  private patchBatch(patch: Partial<Batch>): void {
    if (this.batch) this.batch = { ...this.batch, ...patch }
  }

  private patchJob(event: WireEvent, patch: Partial<Job>): void {
    const id = event.job_id
    if (!id) return
    const known = this.jobMap().get(id)
    if (known && Object.keys(patch).length === 0) return
    const base = known ?? { id, batch_id: event.batch_id, status: 'running', start_time: event.timestamp }
    this.jobMap(true).set(id, { ...(base as Job), ...patch })
  }

  private jobMap(): ReadonlyMap<string, Job>
  private jobMap(write: true): Map<string, Job>
  private jobMap(write = false): ReadonlyMap<string, Job> {
    if (write) this.jobs ??= new Map(this.view.jobs)
    return this.jobs ?? this.view.jobs
  }

  /** Counters follow the jobs, which are all known on a batch's page. */
  private recounted(): Batch | null {
    if (!this.batch || !this.jobs) return this.batch
    let n_done = 0
    let n_failed = 0
    for (const job of this.jobs.values()) {
      if (job.status?.toLowerCase() === 'done') n_done += 1
      if (job.status?.toLowerCase() === 'failed') n_failed += 1
    }
    return { ...this.batch, n_done, n_failed }
  }
}

function later(known: string | null | undefined, candidate: string): string {
  return known && known > candidate ? known : candidate
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function elapsed(data: Readonly<Record<string, unknown>>): Partial<Job> {
  return typeof data.elapsed_s === 'number' ? { elapsed_s: Math.floor(data.elapsed_s) } : {}
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
