/** A gauge of a host over time: the host's own value as a line, the share of each batch stacked. */
import { strokeOf } from '@/domain/palette'
import { chartTheme } from '../theme'
import type { Line } from './curves'

export interface Bucket {
  ts: string
  total?: number | null | undefined
  by_batch: Readonly<Record<string, number>>
}

export interface TimelinePrefs {
  dark: boolean
  total: string
  capacity: number | null
  formatter(value: number): string
}

export function timelineLines(buckets: readonly Bucket[], prefs: TimelinePrefs): Line[] {
  const batches = [...new Set(buckets.flatMap((bucket) => Object.keys(bucket.by_batch)))].sort()
  const own = strokeOf(0, prefs.dark).color
  const total: Line = {
    id: '',
    name: prefs.total,
    type: 'line',
    data: buckets.map((bucket) => [Date.parse(bucket.ts), bucket.total ?? null]),
    showSymbol: buckets.length < 2,
    connectNulls: false,
    animation: false,
    lineStyle: { color: own, width: 1.75 },
    itemStyle: { color: own },
    areaStyle: batches.length === 0 ? { color: own, opacity: 0.08 } : undefined,
  }
  const stacked = batches.map((batch, i): Line => {
    const { color } = strokeOf(i + 1, prefs.dark)
    return {
      id: batch,
      name: batch,
      type: 'line',
      stack: 'batches',
      data: buckets.map((bucket) => [Date.parse(bucket.ts), bucket.by_batch[batch] ?? 0]),
      showSymbol: false,
      animation: false,
      lineStyle: { color, width: 1 },
      itemStyle: { color },
      areaStyle: { color, opacity: 0.25 },
    }
  })
  return [total, ...stacked]
}

export function timelineFrame(prefs: TimelinePrefs): Readonly<Record<string, unknown>> {
  const theme = chartTheme(prefs.dark)
  const axisLabel = { color: theme.text, fontSize: 12, hideOverlap: true }
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
    xAxis: { type: 'time', axisLine: { lineStyle: { color: theme.line } }, axisTick: { show: false }, axisLabel, splitLine: { show: false } },
    yAxis: {
      type: 'value',
      min: 0,
      ...(prefs.capacity !== null && { max: prefs.capacity }),
      splitNumber: 4,
      splitLine: { lineStyle: { color: theme.split } },
      axisLabel: { ...axisLabel, formatter: prefs.formatter },
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: theme.surface,
      borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? prefs.formatter(value) : '–'),
    },
  }
}
