/** Trials of a study: values in the order of trials, values by a parameter, and all parameters at once. */
import { strokeOf } from '@/domain/palette'
import { chartTheme } from '../theme'
import type { Line } from './curves'

export interface TrialPoint {
  id: number
  value: number
  /** Of the parameter on the axis; absent where the axis is the order. */
  x: number | string
}

interface Look {
  dark: boolean
  xName: string
  yName: string
  log: boolean
  categories: readonly string[] | null
}

export function scatterLines(points: readonly TrialPoint[], best: readonly [number, number][], dark: boolean, bestName: string): Line[] {
  const dot = strokeOf(0, dark).color
  const line = strokeOf(2, dark).color
  const dots: Line = { id: 'trials', name: '', type: 'scatter', symbolSize: 8, animation: false, itemStyle: { color: dot, opacity: 0.75 }, data: points.map((point) => [point.x, point.value, point.id]) }
  if (best.length === 0) return [dots]
  return [dots, { id: 'best', name: bestName, type: 'line', step: 'end', showSymbol: false, animation: false, lineStyle: { color: line, width: 2 }, itemStyle: { color: line }, data: best }]
}

export function scatterFrame(look: Look): Readonly<Record<string, unknown>> {
  const theme = chartTheme(look.dark)
  const axis = {
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.text, fontSize: 12, hideOverlap: true },
    nameTextStyle: { color: theme.text, fontSize: 12 },
    splitLine: { lineStyle: { color: theme.split } },
  }
  const type = look.categories ? 'category' : look.log ? 'log' : 'value'
  return {
    animation: false,
    backgroundColor: 'transparent',
    grid: { left: 8, right: 16, top: 28, bottom: 26, containLabel: true },
    xAxis: { type, ...(look.categories && { data: look.categories }), name: look.xName, nameLocation: 'middle', nameGap: 26, scale: true, ...axis },
    yAxis: { type: 'value', scale: true, name: look.yName, ...axis },
    tooltip: { trigger: 'item', confine: true, transitionDuration: 0, backgroundColor: theme.surface, borderColor: theme.line, textStyle: { color: theme.text, fontSize: 12 } },
  }
}

export interface ParallelAxis {
  name: string
  values: readonly (number | string | null)[]
}

/** One line per trial through all parameters; the better, the stronger. */
export function parallelFrame(axes: readonly ParallelAxis[], dark: boolean): Readonly<Record<string, unknown>> {
  const theme = chartTheme(dark)
  return {
    animation: false,
    backgroundColor: 'transparent',
    parallel: { left: 40, right: 48, top: 32, bottom: 16 },
    parallelAxis: axes.map((axis, dim) => ({
      dim,
      name: axis.name,
      nameTextStyle: { color: theme.text },
      axisLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.text, fontSize: 11 },
      ...(axis.values.every((value) => typeof value === 'number') ? { type: 'value', scale: true } : { type: 'category', data: [...new Set(axis.values.map(String))] }),
    })),
  }
}

export function parallelLines(axes: readonly ParallelAxis[], strengths: readonly number[], dark: boolean): Line[] {
  const { color } = strokeOf(0, dark)
  const data = strengths.map((strength, i) => ({
    value: axes.map((axis) => axis.values[i] ?? '-'),
    lineStyle: { color, opacity: 0.1 + 0.8 * strength ** 2, width: 1 + 1.5 * strength },
  }))
  return [{ id: 'trials', type: 'parallel', animation: false, smooth: false, data }]
}
