/** Batches side by side: their best results and where their settings differ. */
import { type Direction, directionOf } from './direction'
import type { Cell, Grid } from './grid'
import { formatMetric, plottable, toMetric } from './metric'
import { hasEnded } from './status'

interface Job {
  metrics?: Readonly<Record<string, unknown>> | null | undefined
}

export interface ComparedBatch {
  batch_id: string
  name?: string | null | undefined
  status: string
  jobs: readonly Job[]
}

/** The best final value of a metric over the jobs of a batch. */
export function bestOf(batch: ComparedBatch, metric: string, direction: Direction = directionOf(metric)): number | null {
  const values = batch.jobs.map((job) => plottable(toMetric(job.metrics?.[metric]))).filter((value) => value !== null)
  if (values.length === 0) return null
  return direction === 'minimize' ? Math.min(...values) : Math.max(...values)
}

/** Difference to `base` in percent of its size. */
export function differencePct(value: number | null, base: number | null): number | null {
  return value === null || base === null || base === 0 ? null : (100 * (value - base)) / Math.abs(base)
}

/** Metrics by batches: each line is one metric, so that its best and worst stand in one line. */
export function comparisonGrid(batches: readonly ComparedBatch[], metrics: readonly string[], baseline: string, corner: string, hrefOf: (id: string) => string): Grid {
  const base = batches.find((batch) => batch.batch_id === baseline)
  const cells = metrics.map((metric) => {
    const values = batches.map((batch) => bestOf(batch, metric))
    const finite = values.filter((value) => value !== null)
    const best = finite.length < 2 ? null : directionOf(metric) === 'minimize' ? Math.min(...finite) : Math.max(...finite)
    const alone = finite.filter((value) => value === best).length === 1
    return batches.map((batch, i): Cell => {
      const value = values[i] ?? null
      const percent = base && base !== batch ? differencePct(value, bestOf(base, metric)) : null
      const text = percent === null ? formatMetric(value) : `${formatMetric(value)} (${percent > 0 ? '+' : ''}${percent.toFixed(1)} %)`
      return { value, text, status: null, href: hrefOf(batch.batch_id), note: '', mark: alone && value === best ? 'solid' : null, eligible: hasEnded(batch.status) }
    })
  })
  return { corner, rows: metrics, cols: batches.map((batch) => batch.name || batch.batch_id), cells }
}

export interface SettingRow {
  key: string
  values: readonly string[]
  differs: boolean
}

/** Where an environment lists its packages, as `name==version`. */
const PACKAGES = 'pip_freeze'

/** Settings of each batch by key, nested ones by dotted keys; lists count as one text, but of packages, where every batch lists them, each is a row. */
export function settingRows(settings: readonly Readonly<Record<string, unknown>>[]): SettingRow[] {
  const listed = settings.every((one) => Array.isArray(one[PACKAGES]))
  const flat = settings.map((one) => flatten(listed ? { ...one, [PACKAGES]: versions(one[PACKAGES] as unknown[]) } : one))
  const keys = [...new Set(flat.flatMap((one) => [...one.keys()]))].sort((a, b) => a.localeCompare(b))
  return keys.map((key) => {
    const values = flat.map((one) => one.get(key) ?? '–')
    return { key, values, differs: new Set(values).size > 1 }
  })
}

function versions(lines: readonly unknown[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => {
    const [name, version] = String(line).split('==', 2)
    return [name ?? '', version ?? String(line)]
  }))
}

function flatten(value: Readonly<Record<string, unknown>>, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || inner === undefined || inner === '') continue
    if (typeof inner === 'object' && !Array.isArray(inner)) for (const [name, text] of flatten(inner as Record<string, unknown>, `${prefix}${key}.`)) found.set(name, text)
    else found.set(prefix + key, Array.isArray(inner) ? inner.join('\n') : String(inner))
  }
  return found
}
