/**
 * One job's metrics by epoch, as columns.
 *
 * Merging is idempotent and independent of order: an epoch is held once, by the report with the
 * latest timestamp. So replays, reloads and live events can meet here in any sequence.
 */
import { type Metric, toMetric } from './metric'

export interface Series {
  /** Ascending, each once. */
  readonly epochs: readonly number[]
  /** When the point was reported, RFC 3339, parallel to `epochs`. */
  readonly stamps: readonly string[]
  /** Columns parallel to `epochs`; `null` where an epoch lacks the metric. */
  readonly columns: ReadonlyMap<string, readonly Metric[]>
}

export interface Point {
  epoch: number
  timestamp: string
  values: ReadonlyMap<string, Metric>
}

export const EMPTY_SERIES: Series = { epochs: [], stamps: [], columns: new Map() }

const NOT_METRICS: ReadonlySet<string> = new Set(['epoch', 'timestamp', 'event_id', 'job_id', 'id'])

/** A point out of an epoch row of the server or the `data` of a `job_epoch` event. */
export function toPoint(row: Readonly<Record<string, unknown>>, timestamp: string): Point | null {
  const epoch = row.epoch
  if (typeof epoch !== 'number' || !Number.isFinite(epoch)) return null
  const values = new Map<string, Metric>()
  for (const [name, raw] of Object.entries(row)) {
    if (NOT_METRICS.has(name)) continue
    const value = toMetric(raw)
    if (value !== undefined) values.set(name, value)
  }
  return { epoch, timestamp, values }
}

/** `series` with `points` merged in; the same object when nothing changed. */
export function mergePoints(series: Series, points: readonly Point[]): Series {
  if (points.length === 0) return series
  const draft = new Draft(series)
  for (const point of points) draft.put(point)
  return draft.changed ? draft.finish() : series
}

/** The points a series was made of. */
export function pointsOf(series: Series): Point[] {
  return series.epochs.map((epoch, i) => {
    const held = [...series.columns].flatMap(([name, column]): [string, Metric][] => ((column[i] ?? null) === null ? [] : [[name, column[i] ?? null]]))
    return { epoch, timestamp: series.stamps[i] ?? '', values: new Map(held) }
  })
}

export function latestOf(series: Series | undefined, name: string): Metric | undefined {
  return series?.columns.get(name)?.at(-1)
}

/** Names of metrics with at least one value, losses first, then by name. */
export function metricNames(all: Iterable<Series>): string[] {
  const names = new Set<string>()
  for (const series of all) {
    for (const [name, column] of series.columns) {
      if (!names.has(name) && column.some((value) => value !== null)) names.add(name)
    }
  }
  const rank = (name: string) => ['train_loss', 'val_loss', 'lr'].indexOf(name) >>> 0
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

export interface Extent {
  last: Metric
  min: number | null
  minEpoch: number | null
  max: number | null
  nonFinite: number
}

/** Summary of one metric for tables. */
export function extentOf(series: Series, name: string): Extent {
  const column = series.columns.get(name) ?? []
  const extent: Extent = { last: column.at(-1) ?? null, min: null, minEpoch: null, max: null, nonFinite: 0 }
  column.forEach((value, i) => {
    if (typeof value === 'string') extent.nonFinite += 1
    if (typeof value !== 'number') return
    if (extent.min === null || value < extent.min) {
      extent.min = value
      extent.minEpoch = series.epochs[i] ?? null
    }
    if (extent.max === null || value > extent.max) extent.max = value
  })
  return extent
}

/** Copies the columns once, however many points follow. */
class Draft {
  changed = false
  private readonly epochs: number[]
  private readonly stamps: string[]
  private readonly columns: Map<string, Metric[]>

  constructor(from: Series) {
    this.epochs = [...from.epochs]
    this.stamps = [...from.stamps]
    this.columns = new Map([...from.columns].map(([name, column]) => [name, [...column]]))
  }

  put(point: Point): void {
    const at = lowerBound(this.epochs, point.epoch)
    if (this.epochs[at] === point.epoch) {
      if (point.timestamp < (this.stamps[at] ?? '')) return
      if (point.timestamp === this.stamps[at] && this.holds(at, point)) return
      this.stamps[at] = point.timestamp
      for (const column of this.columns.values()) column[at] = null
    } else {
      this.epochs.splice(at, 0, point.epoch)
      this.stamps.splice(at, 0, point.timestamp)
      for (const column of this.columns.values()) column.splice(at, 0, null)
    }
    for (const [name, value] of point.values) this.column(name)[at] = value
    this.changed = true
  }

  finish(): Series {
    return { epochs: this.epochs, stamps: this.stamps, columns: this.columns }
  }

  private holds(at: number, point: Point): boolean {
    for (const [name, value] of point.values) {
      if ((this.columns.get(name)?.[at] ?? null) !== value) return false
    }
    return true
  }

  private column(name: string): Metric[] {
    let column = this.columns.get(name)
    if (!column) {
      column = new Array<Metric>(this.epochs.length).fill(null)
      this.columns.set(name, column)
    }
    return column
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  if (sorted.length === 0 || value > (sorted.at(-1) ?? Infinity)) return sorted.length
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
