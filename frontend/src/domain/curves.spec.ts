import { describe, expect, it } from 'vitest'
import { isThinned, positionsOf } from './axis'
import { bandOf } from './band'
import { curvesCsv } from './curveCsv'
import { mergePoints, EMPTY_SERIES, pointsOf, toPoint } from './series'
import { gapsOf, lineOf, type CurvePrefs } from '../charts/options/curves'
import { bytesOfDataUrl } from './dataUrl'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
const series = mergePoints(
  EMPTY_SERIES,
  [[0, 4], [1, 'NaN'], [2, 2], [3, -1], [6, 1]].map(([epoch, loss]) => toPoint({ epoch, loss }, at(10 * Number(epoch)))).filter((point) => point !== null),
)
const curve = { id: 'c', name: '=c,1', order: 0, series, metric: 'loss' }
const PREFS: CurvePrefs = { dark: false, log: false, logX: false, x: 'epoch', smoothing: 0, pointsPerCurve: 100, highlight: null, band: false }

describe('positions', () => {
  it('are epochs, moments or seconds since the first point', () => {
    expect(positionsOf(series, 'epoch')).toEqual([0, 1, 2, 3, 6])
    expect(positionsOf(series, 'relative')).toEqual([0, 10, 20, 30, 60])
    expect(positionsOf(series, 'time')[1]).toBe(Date.parse(at(10)))
  })

  it('tell whether points were left out', () => {
    expect(isThinned(series)).toBe(true)
    expect(isThinned(EMPTY_SERIES)).toBe(false)
  })
})

describe('a drawn curve', () => {
  it('leaves a gap where there is no number, and says where', () => {
    expect(lineOf(curve, PREFS).data).toEqual([[0, 4], [1, null], [2, 2], [3, -1], [6, 1]])
    expect(gapsOf(curve)).toEqual([{ epoch: 1, value: 'NaN', x: 1, near: 4 }])
  })

  it('has no place for zero on logarithmic axes', () => {
    expect(lineOf(curve, { ...PREFS, log: true, logX: true }).data).toEqual([[1, null], [2, 2], [3, null], [6, 1]])
  })

  it('steps back behind the range of all, unless it is pointed at', () => {
    expect(lineOf(curve, { ...PREFS, band: true }).data).toEqual([])
    expect(lineOf(curve, { ...PREFS, band: true, highlight: 'c' }).data).toHaveLength(5)
  })
})

describe('the range of all curves', () => {
  it('takes values between points, and none beyond the ends', () => {
    const band = bandOf([{ xs: [0, 2], ys: [0, 2] }, { xs: [1, 2, 3], ys: [5, 5, 5] }])
    expect(band).toEqual({ xs: [0, 1, 2, 3], low: [0, 1, 2, 5], high: [0, 5, 5, 5], mean: [0, 3, 3.5, 5] })
    expect(bandOf([]).xs).toEqual([])
  })

  it('keeps the end when there are more positions than a screen shows', () => {
    const xs = Array.from({ length: 5_000 }, (_, i) => i)
    expect(bandOf([{ xs, ys: xs }]).xs.at(-1)).toBe(4_999)
  })
})

describe('what leaves the page', () => {
  it('is every value, with those no chart can draw', () => {
    const lines = curvesCsv([curve]).split('\r\n')
    expect(lines[0]).toBe('curve,metric,epoch,timestamp,value')
    expect(lines[2]).toBe(`"'=c,1",loss,1,${at(10)},NaN`)
    expect(lines).toHaveLength(7)
  })

  it('can be read back from a data address', () => {
    expect([...bytesOfDataUrl('data:image/png;base64,AQID')]).toEqual([1, 2, 3])
  })
})

it('a series is what its points make it', () => {
  expect(mergePoints(EMPTY_SERIES, pointsOf(series))).toEqual(series)
})
