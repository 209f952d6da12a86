/** The little curve beside a batch: the recent loss of the job that spoke last. */
import { type Metric, plottable, toMetric } from './metric'

export interface Spark {
  readonly job: string
  readonly losses: readonly (number | null)[]
}
export type Sparks = ReadonlyMap<string, Spark>

export const SPARK_POINTS = 60

export interface Loss {
  batch: string
  job: string
  loss: Metric
}

/** The loss an epoch event brings to its batch's curve. */
export function lossOf(event: { batch_id: string; job_id: string | null; data: Readonly<Record<string, unknown>> }): Loss {
  const loss = toMetric(event.data.val_loss) ?? toMetric(event.data.train_loss) ?? null
  return { batch: event.batch_id, job: event.job_id ?? '', loss }
}

export function extendSparks(sparks: Sparks, losses: readonly Loss[]): Sparks {
  if (losses.length === 0) return sparks
  const next = new Map(sparks)
  for (const { batch, job, loss } of losses) {
    const known = next.get(batch)
    const earlier = known?.job === job ? known.losses : []
    next.set(batch, { job, losses: [...earlier, plottable(loss)].slice(-SPARK_POINTS) })
  }
  return next
}

interface Latest {
  job_id: string
  val_loss_trace?: readonly unknown[] | null | undefined
}

/** The curve of the newest job out of the server's short traces. */
export function sparkOf(jobs: readonly Latest[]): Spark | null {
  const newest = jobs.findLast((job) => (job.val_loss_trace?.length ?? 0) > 1)
  if (!newest) return null
  return { job: newest.job_id, losses: (newest.val_loss_trace ?? []).map((value) => plottable(toMetric(value))) }
}

/** Points of an SVG polyline per unbroken piece, in a box of `width` × `height`. */
export function sparkPaths(losses: readonly (number | null)[], width: number, height: number): string[] {
  const finite = losses.filter((loss) => loss !== null)
  if (finite.length === 0) return []
  const low = Math.min(...finite)
  const span = Math.max(...finite) - low || 1
  const step = width / Math.max(1, losses.length - 1)
  const pieces: string[][] = [[]]
  losses.forEach((loss, i) => {
    if (loss === null) return void pieces.push([])
    const y = height - 1 - ((loss - low) / span) * (height - 2)
    pieces.at(-1)?.push(`${(i * step).toFixed(1)},${y.toFixed(1)}`)
  })
  return pieces.filter((piece) => piece.length > 1).map((piece) => piece.join(' '))
}
