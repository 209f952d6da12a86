import type { Batch, EpochRow, Job, JobCurve, LogRow } from '@/api/types'
import { joinSnapshot, type RawLine } from '@/domain/logs'
import { EMPTY_SERIES, mergePoints, type Point, pointsOf, toPoint } from '@/domain/series'
import type { Gauges, RunView } from './view'

/** One reading of everything by GET. */
export interface Snapshot {
  batch: Batch
  jobs: readonly Job[]
  epochs: readonly JobCurve[]
  /** Newest first, as the server gives them. */
  logs: readonly LogRow[]
  gauges: Gauges | null
}

/** `view` brought up to a reading. Curves and logs are joined, the rest is replaced. */
export function withSnapshot(view: RunView, snapshot: Snapshot): RunView {
  const series = new Map(view.series)
  for (const { job_id, points } of snapshot.epochs) {
    series.set(job_id, mergePoints(series.get(job_id) ?? EMPTY_SERIES, points.map(pointOf).filter((p) => p !== null)))
  }
  return {
    batch: snapshot.batch,
    jobs: new Map(snapshot.jobs.map((job) => [job.id, job])),
    series,
    logs: joinSnapshot(view.logs, snapshot.logs.map(lineOf).toReversed()),
    gauges: snapshot.gauges ?? view.gauges,
  }
}

/** `view` with more points of some curves. */
export function withCurves(view: RunView, curves: readonly JobCurve[]): RunView {
  const series = new Map(view.series)
  for (const { job_id, points } of curves) {
    // What is read is mostly new: joining it the other way round would move every point many times.
    const read = mergePoints(EMPTY_SERIES, points.map(pointOf).filter((p) => p !== null))
    series.set(job_id, mergePoints(read, pointsOf(series.get(job_id) ?? EMPTY_SERIES)))
  }
  return { ...view, series }
}

function lineOf({ ts, job_id, level, line }: LogRow): RawLine {
  return { ts, job_id: job_id ?? null, level, line }
}

function pointOf(row: EpochRow): Point | null {
  return toPoint(row, row.timestamp)
}
