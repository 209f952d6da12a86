/** Curves as comma-separated values: every held point, one line each, also those no chart can draw. */
import { csvLine } from './grid'
import type { Series } from './series'

interface Named {
  name: string
  metric: string
  series: Series
}

export function curvesCsv(curves: readonly Named[]): string {
  const lines = [csvLine(['curve', 'metric', 'epoch', 'timestamp', 'value'])]
  for (const { name, metric, series } of curves) {
    series.columns.get(metric)?.forEach((value, i) => {
      if (value !== null) lines.push(csvLine([name, metric, String(series.epochs[i]), series.stamps[i] ?? '', String(value)]))
    })
  }
  return `${lines.join('\r\n')}\r\n`
}
