/** Grids out of a project's matrix and out of the jobs of a batch. */
import type { Direction } from './direction'
import type { Cell, Grid } from './grid'
import { formatMetric, plottable, toMetric } from './metric'
import { mayCompete, word } from './status'

interface Mark {
  row: number
  solid: boolean
}

export interface MatrixAnswer {
  rows: readonly string[]
  cols: readonly string[]
  values: readonly (readonly (number | null)[])[]
  means: readonly (readonly (number | null)[])[]
  spreads: readonly (readonly (number | null)[])[]
  runs: readonly (readonly number[])[]
  batch_ids: readonly (readonly (string | null)[])[]
  baseline_pct: readonly (readonly (number | null)[])[]
  marks: readonly (Mark | null)[]
}

export interface MatrixWords {
  corner: string
  runs(count: number): string
}

/** What a cell of the project's matrix shows. */
export type Measure = 'best' | 'mean' | 'baseline'

export function gridOfMatrix(answer: MatrixAnswer, measure: Measure, words: MatrixWords, hrefOf: (batch: string) => string | null): Grid {
  const source = { best: answer.values, mean: answer.means, baseline: answer.baseline_pct }[measure]
  const cells = answer.rows.map((_, row) =>
    answer.cols.map((_, col): Cell | null => {
      const value = source[row]?.[col] ?? null
      const runs = answer.runs[row]?.[col] ?? 0
      if (value === null && runs === 0) return null
      const mark = answer.marks[col]
      const batch = answer.batch_ids[row]?.[col] ?? null
      return {
        value,
        text: measure === 'baseline' ? signedPercent(value) : formatMetric(value),
        status: null,
        href: batch === null ? null : hrefOf(batch),
        note: noteOf(answer, row, col, words),
        mark: mark?.row === row ? (mark.solid ? 'solid' : 'thin') : null,
        eligible: true,
      }
    }),
  )
  return { corner: words.corner, rows: answer.rows, cols: answer.cols, cells }
}

function noteOf(answer: MatrixAnswer, row: number, col: number, words: MatrixWords): string {
  const mean = answer.means[row]?.[col]
  const spread = answer.spreads[row]?.[col]
  const percent = answer.baseline_pct[row]?.[col]
  const parts = [words.runs(answer.runs[row]?.[col] ?? 0)]
  if (typeof mean === 'number') parts.push(`${formatMetric(mean)}${typeof spread === 'number' ? ` ± ${formatMetric(spread)}` : ''}`)
  if (typeof percent === 'number') parts.push(signedPercent(percent))
  return parts.join(' · ')
}

function signedPercent(value: number | null): string {
  return value === null ? '–' : `${value > 0 ? '+' : ''}${value.toFixed(1)} %`
}

export interface GridJob {
  id: string
  batch_id: string
  model?: string | null | undefined
  dataset?: string | null | undefined
  status: string
  metrics?: Readonly<Record<string, unknown>> | null | undefined
}

/** Names of the final metrics of jobs, each once, in the order of the alphabet. */
export function finalMetrics(jobs: readonly GridJob[]): string[] {
  const names = new Set<string>()
  for (const job of jobs) {
    for (const [name, raw] of Object.entries(job.metrics ?? {})) if (plottable(toMetric(raw)) !== null) names.add(name)
  }
  return [...names].sort((a, b) => a.localeCompare(b))
}

export function finalOf(job: GridJob, metric: string): number | null {
  return plottable(toMetric(job.metrics?.[metric]))
}

/** Whether models by data sets say more than one line per job. */
export function isSweep(jobs: readonly GridJob[]): boolean {
  const models = new Set(jobs.map((job) => job.model ?? ''))
  const datasets = new Set(jobs.map((job) => job.dataset ?? ''))
  return models.size > 1 && datasets.size > 1
}

/** Models by data sets; of several runs the best that came to its end is shown. */
export function gridOfJobs(jobs: readonly GridJob[], metric: string, direction: Direction, corner: string, words: MatrixWords, hrefOf: (job: GridJob) => string | null): Grid {
  const rows = names(jobs, (job) => job.model)
  const cols = names(jobs, (job) => job.dataset)
  const byPlace = new Map<string, GridJob[]>()
  for (const job of jobs) {
    const place = `${rows.indexOf(job.model ?? '')}/${cols.indexOf(job.dataset ?? '')}`
    byPlace.set(place, [...(byPlace.get(place) ?? []), job])
  }
  const cells = rows.map((_, row) =>
    cols.map((_, col): Cell | null => {
      const here = byPlace.get(`${row}/${col}`)
      const best = here && bestOf(here, metric, direction)
      if (!here || !best) return null
      const value = finalOf(best, metric)
      return { value, text: formatMetric(value), status: statusOf(here), href: hrefOf(best), note: words.runs(here.length), mark: null, eligible: mayCompete(best.status) }
    }),
  )
  return { corner, rows: rows.map((name) => name || '–'), cols: cols.map((name) => name || '–'), cells }
}

/** One line per job, one column per metric. */
export function gridOfMetrics(jobs: readonly GridJob[], metrics: readonly string[], corner: string, hrefOf: (job: GridJob) => string | null): Grid {
  const cells = jobs.map((job) =>
    metrics.map((metric, col): Cell => {
      const value = finalOf(job, metric)
      const status = col === 0 ? word(job.status) : null
      const note = [job.model, job.dataset].filter(Boolean).join(' · ')
      return { value, text: formatMetric(value), status, href: hrefOf(job), note, mark: null, eligible: mayCompete(job.status) }
    }),
  )
  return { corner, rows: jobs.map((job) => job.id), cols: metrics, cells }
}

function bestOf(jobs: readonly GridJob[], metric: string, direction: Direction): GridJob | undefined {
  const sign = direction === 'minimize' ? 1 : -1
  return [...jobs].sort((a, b) => {
    const ended = Number(mayCompete(b.status)) - Number(mayCompete(a.status))
    return ended || sign * ((finalOf(a, metric) ?? sign * Infinity) - (finalOf(b, metric) ?? sign * Infinity)) || 0
  })[0]
}

/** What needs a look outweighs what is fine. */
const WEIGHT: Readonly<Record<string, number>> = { failed: 5, divergent: 4, stalled: 3, running: 2, pending: 1 }

function statusOf(jobs: readonly GridJob[]): string {
  return jobs.map((job) => word(job.status)).reduce((a, b) => ((WEIGHT[b] ?? 0) > (WEIGHT[a] ?? 0) ? b : a))
}

function names(jobs: readonly GridJob[], of: (job: GridJob) => string | null | undefined): string[] {
  return [...new Set(jobs.map((job) => of(job) ?? ''))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
}
