/** A batch as one file of HTML without a program: it opens offline, after deletion, and in ten years. */
import { directionOf } from '../direction'
import { extremes } from '../grid'
import { finalMetrics, type GridJob, gridOfMetrics } from '../grids'
import { formatMetric, plottable } from '../metric'
import { strokeOf } from '../palette'
import { metricNames, type Series } from '../series'
import { chartSvg } from './chart'
import { dataIsland, escaped, tableHtml } from './markup'
import { STYLE } from './style'

export interface SnapshotJob extends GridJob {
  error?: string | null | undefined
  elapsed: string
}

export interface SnapshotBatch {
  title: string
  id: string
  lang: string
  /** Pairs shown at the top, in the reader's language. */
  facts: readonly { label: string; value: string }[]
  command: string | null
  notes: string | null
  jobs: readonly SnapshotJob[]
  series: ReadonlyMap<string, Series>
  environment: Readonly<Record<string, unknown>> | null
  logs: readonly { ts: string; job: string | null; level: string; line: string }[]
  /** Pictures as data addresses. */
  pictures: readonly { name: string; url: string }[]
  words: Readonly<Record<'made' | 'curves' | 'results' | 'jobs' | 'job' | 'status' | 'about' | 'elapsed' | 'environment' | 'log' | 'pictures' | 'epoch', string>>
}

/** Charts beyond this make a file nobody scrolls through. */
const CHARTS = 12
const LATEST = 1

export function snapshotHtml(batch: SnapshotBatch): string {
  const { words } = batch
  const sections = [
    `<dl>${batch.facts.map(({ label, value }) => `<div><dt>${escaped(label)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`,
    batch.command ? `<pre>$ ${escaped(batch.command)}</pre>` : '',
    batch.notes ? `<p class="notes">${escaped(batch.notes)}</p>` : '',
    part(words.curves, charts(batch)),
    part(words.results, results(batch)),
    part(words.jobs, jobs(batch)),
    part(words.pictures, batch.pictures.map(({ name, url }) => `<figure><img alt="${escaped(name)}" src="${escaped(url)}"><figcaption>${escaped(name)}</figcaption></figure>`).join('')),
    part(words.environment, batch.environment ? `<pre>${escaped(JSON.stringify(batch.environment, null, 2))}</pre>` : ''),
    part(words.log, batch.logs.length > 0 ? `<pre class="log">${batch.logs.map(({ ts, job, level, line }) => `<span class="${escaped(level)}">${escaped([ts, job, line].filter(Boolean).join('  '))}</span>`).join('\n')}</pre>` : ''),
  ]
  return `<!doctype html><html lang="${escaped(batch.lang)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(batch.title)}</title><style>${STYLE}</style></head><body><main><p class="made">${escaped(words.made)}</p><h1>${escaped(batch.title)}</h1>
${sections.join('\n')}
</main>${dataIsland('argus-snapshot', dataOf(batch))}</body></html>`
}

function part(title: string, body: string): string {
  return body === '' ? '' : `<section><h2>${escaped(title)}</h2>${body}</section>`
}

function charts({ jobs, series, words }: SnapshotBatch): string {
  return metricNames(series.values()).slice(0, CHARTS).map((metric) => {
    const curves = jobs.flatMap((job, order) => {
      const own = series.get(job.id)
      const column = own?.columns.get(metric)
      if (!own || !column) return []
      const { color, dash } = strokeOf(order, false)
      return [{ name: job.id, color, dash: dash === 'solid' ? '' : dash.join(' '), xs: own.epochs, ys: column.map(plottable) }]
    })
    const svg = chartSvg(curves, `${metric}, ${words.epoch}`)
    return svg === '' ? '' : `<figure class="chart"><figcaption>${escaped(metric)}</figcaption>${svg}</figure>`
  }).join('')
}

function results({ jobs, words }: SnapshotBatch): string {
  const metrics = finalMetrics(jobs)
  if (metrics.length === 0) return ''
  const grid = gridOfMetrics(jobs, metrics, words.job, () => null)
  const marks = metrics.map((metric, col) => extremes(grid, directionOf(metric), new Set([col])))
  const rows = grid.rows.map((name, row) => [
    name,
    ...(grid.cells[row] ?? []).map((cell, col) => {
      const kind = marks[col]?.best?.row === row ? 'best' : marks[col]?.worst?.row === row ? 'worst' : 'num'
      return { text: cell?.text ?? '', kind } as const
    }),
  ])
  return tableHtml([words.job, ...metrics], rows)
}

function jobs({ jobs, series, words }: SnapshotBatch): string {
  const rows = jobs.map((job) => {
    const own = series.get(job.id)
    const last = (name: string) => formatMetric(own?.columns.get(name)?.at(-LATEST))
    return [job.id, job.status, [job.model, job.dataset].filter(Boolean).join(' · ') + (job.error ? ` ${job.error}` : ''), String(own?.epochs.at(-LATEST) ?? '–'), last('train_loss'), last('val_loss'), job.elapsed]
  })
  return tableHtml([words.job, words.status, words.about, words.epoch, 'train_loss', 'val_loss', words.elapsed], rows)
}

/** What programs may want to read from the file. */
function dataOf({ id, title, jobs, series, environment, command }: SnapshotBatch): unknown {
  const curves = Object.fromEntries([...series].map(([job, own]) => [job, { epochs: own.epochs, stamps: own.stamps, metrics: Object.fromEntries(own.columns) }]))
  return { format: 'argus-snapshot/1', id, title, command, environment, jobs, curves }
}
