/** Curves of one metric over epochs: data in, ECharts option out. */
import type { Metric } from '@/domain/metric'
import { plottable } from '@/domain/metric'
import { strokeOf } from '@/domain/palette'
import type { Series } from '@/domain/series'
import { smooth } from '@/domain/smoothing'
import { thin } from '@/domain/thinning'
import { chartTheme } from '../theme'
import { tooltipOf } from './tooltip'

export interface Curve {
  /** Stable: a chart updates the curve with the same id in place. */
  id: string
  name: string
  /** Running number deciding colour and dashes. */
  order: number
  series: Series
  metric: string
}

export interface CurvePrefs {
  dark: boolean
  log: boolean
  /** 0 (off) to below 1. */
  smoothing: number
  /** Points one curve may have; a screen cannot show more. */
  pointsPerCurve: number
  /** Id of the curve to bring forward. */
  highlight: string | null
  language: string
  words: { epoch: string; more(count: number): string }
}

/** One drawn line; its identity changes exactly when its picture does. */
export type Line = Readonly<Record<string, unknown>>

const FAINT = 0.13

export function lineOf(curve: Curve, prefs: CurvePrefs): Line {
  const { color, dash } = strokeOf(curve.order, prefs.dark)
  const raw = (curve.series.columns.get(curve.metric) ?? []).map((value) => drawable(value, prefs.log))
  const values = smooth(raw, prefs.smoothing)
  const front = prefs.highlight === curve.id
  const opacity = prefs.highlight === null || front ? 1 : FAINT
  const shown = thin(values, prefs.pointsPerCurve)
  const single = values.filter((value) => value !== null).length < 2
  return {
    id: curve.id,
    name: curve.name,
    type: 'line',
    data: shown.map((i) => [curve.series.epochs[i], values[i] ?? null]),
    // A gap stays a gap: a line across it would claim values nobody reported.
    connectNulls: false,
    showSymbol: single,
    symbolSize: 6,
    animation: false,
    z: front ? 5 : 2,
    lineStyle: { color, width: front ? 2.5 : 1.75, type: dash, opacity },
    itemStyle: { color, opacity },
    emphasis: { disabled: true },
  }
}

/** Everything but the lines. */
export function frameOf(prefs: CurvePrefs): Readonly<Record<string, unknown>> {
  const theme = chartTheme(prefs.dark)
  const axis = {
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.text, fontSize: 12, hideOverlap: true },
    nameTextStyle: { color: theme.text, fontSize: 12 },
  }
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: { left: 8, right: 16, top: 16, bottom: 26, containLabel: true },
    xAxis: {
      type: 'value',
      name: prefs.words.epoch,
      nameLocation: 'middle',
      nameGap: 26,
      min: 'dataMin',
      max: 'dataMax',
      minInterval: 1,
      splitLine: { show: false },
      ...axis,
    },
    yAxis: {
      type: prefs.log ? 'log' : 'value',
      scale: true,
      splitNumber: 5,
      splitLine: { lineStyle: { color: theme.split } },
      ...axis,
      axisLine: { show: false },
      axisLabel: { ...axis.axisLabel, formatter: axisNumber },
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      className: 'chart-tooltip',
      backgroundColor: theme.surface,
      borderColor: theme.line,
      padding: 0,
      axisPointer: { type: 'line', lineStyle: { color: theme.line } },
      formatter: tooltipOf(prefs.words),
    },
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: 'shift' }],
  }
}

/** Epochs of a curve whose value no chart can show. */
export function gapsOf(curve: Curve): { epoch: number; value: string }[] {
  const column = curve.series.columns.get(curve.metric) ?? []
  return column.flatMap((value, i) => {
    const epoch = curve.series.epochs[i]
    return typeof value === 'string' && epoch !== undefined ? [{ epoch, value }] : []
  })
}

function drawable(value: Metric, log: boolean): number | null {
  const number = plottable(value)
  return number !== null && log && number <= 0 ? null : number
}

function axisNumber(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(0).replace('+', '')
  return String(Number(value.toPrecision(4)))
}
