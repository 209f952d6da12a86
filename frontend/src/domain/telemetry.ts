/** Gauges of a host while one job ran, as small curves. */

interface Bucket {
  ts: string
  total?: number | null | undefined
}

interface Gauge {
  metric: string
  buckets: readonly Bucket[]
  host_total_capacity?: number | null | undefined
}

export interface Strip {
  metric: string
  values: readonly (number | null)[]
  last: number | null
  mean: number | null
  peak: number | null
  capacity: number | null
}

/** Points a small curve is made of, at most about this many. */
const POINTS = 120
const NARROWEST = 10
const WIDEST = 3600

/** Seconds a point covers so that `spanSecs` fit the curve, as the API takes them. */
export function bucketSecs(spanSecs: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, Math.ceil(spanSecs / POINTS)))
}

/** Readings of `gauge` up to `until`, in milliseconds, or null when there are none. */
export function stripOf(gauge: Gauge, until: number): Strip | null {
  const values = gauge.buckets.filter((bucket) => Date.parse(bucket.ts) <= until).map((bucket) => bucket.total ?? null)
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  return {
    metric: gauge.metric,
    values,
    last: known.at(-1) ?? null,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    peak: Math.max(...known),
    capacity: gauge.host_total_capacity ?? null,
  }
}
