/** Curves of one metric: data in, ECharts series out. */
import { positionsOf, type XMode } from '@/domain/axis'
import type { Metric } from '@/domain/metric'
import { plottable } from '@/domain/metric'
import { strokeOf } from '@/domain/palette'
import type { Series } from '@/domain/series'
import { smooth } from '@/domain/smoothing'
import { thin } from '@/domain/thinning'

export interface Curve {
  /** Stable: a chart updates the curve with the same id in place. */
  id: string
  name: string
  /** Running number deciding colour and dashes. */
  order: number
  series: Series
  metric: string
}

/** Whether two curves have the same points under the same name. */
export function sameCurve(a: Curve, b: Curve): boolean {
  return a.id === b.id && a.series === b.series && a.metric === b.metric && a.order === b.order
}

export interface CurvePrefs {
  dark: boolean
  log: boolean
  logX: boolean
  x: XMode
  /** 0 (off) to below 1. */
  smoothing: number
  /** Points one curve may have; a screen cannot show more. */
  pointsPerCurve: number
  /** Id of the curve to bring forward. */
  highlight: string | null
  /** The band of all curves stands for them; only the highlighted one is drawn itself. */
  band: boolean
}

/** One drawn line; its identity changes exactly when its picture does. */
export type Line = Readonly<Record<string, unknown>>

const FAINT = 0.13

export function lineOf(curve: Curve, prefs: CurvePrefs): Line {
  const { color, dash } = strokeOf(curve.order, prefs.dark)
  const front = prefs.highlight === curve.id
  const opacity = prefs.highlight === null || front ? 1 : FAINT
  const data = prefs.band && !front ? [] : pointsOf(curve, prefs)
  return {
    id: curve.id,
    name: curve.name,
    type: 'line',
    data,
    // A gap stays a gap: a line across it would claim values nobody reported.
    connectNulls: false,
    showSymbol: data.filter(([, y]) => y !== null).length < 2,
    symbolSize: 6,
    animation: false,
    z: front ? 5 : 2,
    lineStyle: { color, width: front ? 2.5 : 1.75, type: dash, opacity },
    itemStyle: { color, opacity },
    emphasis: { disabled: true },
  }
}

/** What is drawn of a curve, in the order of its epochs. */
export function pointsOf(curve: Curve, prefs: CurvePrefs): [number, number | null][] {
  const xs = positionsOf(curve.series, prefs.x)
  const raw = (curve.series.columns.get(curve.metric) ?? []).map((value) => drawable(value, prefs.log))
  const values = smooth(raw, prefs.smoothing)
  return thin(values, prefs.pointsPerCurve).flatMap((i): [number, number | null][] => {
    const x = xs[i] ?? null
    return x === null || (prefs.logX && x <= 0) ? [] : [[x, values[i] ?? null]]
  })
}

export interface Gap {
  epoch: number
  value: string
  x: number | null
  /** Height to mark it at: the last value before, or the first after. */
  near: number | null
}

/** Points of a curve whose value no chart can show. */
export function gapsOf(curve: Curve, x: XMode = 'epoch'): Gap[] {
  const column = curve.series.columns.get(curve.metric) ?? []
  if (!column.some((value) => typeof value === 'string')) return []
  const xs = positionsOf(curve.series, x)
  const first = column.find((value) => typeof value === 'number') ?? null
  let near: number | null = typeof first === 'number' ? first : null
  return column.flatMap((value, i) => {
    if (typeof value === 'number') near = value
    const epoch = curve.series.epochs[i]
    return typeof value === 'string' && epoch !== undefined ? [{ epoch, value, x: xs[i] ?? null, near }] : []
  })
}

const ROTATED: Readonly<Record<string, number>> = { '-Infinity': 180 }

/** Marks where values are that cannot be drawn: triangles towards the infinity, diamonds for no number. */
export function gapLine(curves: readonly Curve[], prefs: CurvePrefs): Line {
  const data = curves.flatMap((curve) => {
    const { color } = strokeOf(curve.order, prefs.dark)
    return gapsOf(curve, prefs.x).flatMap(({ x, near, value }) => {
      const y = near ?? 1
      if (x === null || (prefs.logX && x <= 0) || (prefs.log && y <= 0)) return []
      return [{ value: [x, y], symbol: value === 'NaN' ? 'diamond' : 'triangle', symbolRotate: ROTATED[value] ?? 0, itemStyle: { color } }]
    })
  })
  return { id: '\u0000gaps', name: '', type: 'scatter', symbolSize: 10, silent: true, animation: false, tooltip: { show: false }, z: 6, data }
}

/** Whether two of these lines look the same: mostly both are empty. */
export function sameMarks(a: Line, b: Line): boolean {
  return JSON.stringify(a.data) === JSON.stringify(b.data)
}

function drawable(value: Metric, log: boolean): number | null {
  const number = plottable(value)
  return number !== null && log && number <= 0 ? null : number
}
