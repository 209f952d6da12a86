/** The range of many curves as an area, their mean as a line. */
import { bandOf } from '@/domain/band'
import { strokeOf } from '@/domain/palette'
import { type Curve, type CurvePrefs, type Line, pointsOf } from './curves'

export function bandLines(curves: readonly Curve[], prefs: CurvePrefs, words: { low: string; high: string; mean: string }): Line[] {
  const band = bandOf(
    curves.map((curve) => {
      const points = pointsOf(curve, prefs).filter((point): point is [number, number] => point[1] !== null)
      return { xs: points.map(([x]) => x), ys: points.map(([, y]) => y) }
    }),
  )
  const { color } = strokeOf(0, prefs.dark)
  const edge = { type: 'line', symbol: 'none', animation: false, stack: '\u0000band', stackStrategy: 'all', emphasis: { disabled: true }, lineStyle: { color, width: 1, opacity: 0.45 }, itemStyle: { color }, z: 1 }
  return [
    { ...edge, id: '\u0000low', name: words.low, data: band.xs.map((x, i) => [x, band.low[i]]) },
    { ...edge, id: '\u0000high', name: words.high, areaStyle: { color, opacity: 0.16 }, data: band.xs.map((x, i) => [x, (band.high[i] ?? 0) - (band.low[i] ?? 0), band.high[i]]) },
    { id: '\u0000mean', name: words.mean, type: 'line', symbol: 'none', animation: false, emphasis: { disabled: true }, lineStyle: { color, width: 2 }, itemStyle: { color }, z: 4, data: band.xs.map((x, i) => [x, band.mean[i]]) },
  ]
}
