/** Everything of a chart of curves but the lines: axes, pointer, zoom. */
import type { XMode } from '@/domain/axis'
import { chartTheme } from '../theme'
import { tooltipOf } from './tooltip'

export interface FrameWords {
  /** Name of the horizontal axis. */
  x: string
  /** A position on it in words. */
  at(x: number): string
  more(count: number): string
}

export interface FramePrefs {
  dark: boolean
  log: boolean
  logX: boolean
  x: XMode
  words: FrameWords
}

export function frameOf(prefs: FramePrefs): Readonly<Record<string, unknown>> {
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
      type: prefs.x === 'time' ? 'time' : prefs.logX ? 'log' : 'value',
      name: prefs.words.x,
      nameLocation: 'middle',
      nameGap: 26,
      min: 'dataMin',
      max: 'dataMax',
      ...(prefs.x === 'epoch' && { minInterval: 1 }),
      splitLine: { show: false },
      ...axis,
      ...(prefs.x === 'relative' && { axisLabel: { ...axis.axisLabel, formatter: prefs.words.at } }),
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
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'filter', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: 'shift' }],
  }
}

function axisNumber(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(0).replace('+', '')
  return String(Number(value.toPrecision(4)))
}
