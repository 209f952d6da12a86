import { describe, expect, it } from 'vitest'
import { EMPTY_SERIES, extentOf, mergePoints, metricNames, type Point, toPoint } from './series'

const T0 = '2026-01-01T00:00:00Z'
const T1 = '2026-01-01T00:00:01Z'

function point(epoch: number, train_loss: unknown, at = T0): Point {
  const made = toPoint({ epoch, train_loss }, at)
  if (!made) throw new Error('not a point')
  return made
}

describe('merging points', () => {
  it('orders by epoch, whatever order they come in', () => {
    const there = mergePoints(EMPTY_SERIES, [point(2, 0.2), point(0, 0.9), point(1, 0.5)])
    expect(there.epochs).toEqual([0, 1, 2])
    expect(there.columns.get('train_loss')).toEqual([0.9, 0.5, 0.2])
  })

  it('gives the same object back when everything is known', () => {
    const once = mergePoints(EMPTY_SERIES, [point(0, 1), point(1, 0.5)])
    expect(mergePoints(once, [point(1, 0.5), point(0, 1)])).toBe(once)
  })

  it('holds an epoch once, by its latest report, in either order', () => {
    const older = point(3, 0.9, T0)
    const newer = point(3, 0.4, T1)
    const forward = mergePoints(EMPTY_SERIES, [older, newer])
    const backward = mergePoints(EMPTY_SERIES, [newer, older])
    expect(forward).toEqual(backward)
    expect(forward.columns.get('train_loss')).toEqual([0.4])
  })

  it('fills columns that start late or stop early with gaps', () => {
    const late = toPoint({ epoch: 1, acc: 0.7 }, T0) as Point
    const series = mergePoints(EMPTY_SERIES, [point(0, 1), late])
    expect(series.columns.get('acc')).toEqual([null, 0.7])
    expect(series.columns.get('train_loss')).toEqual([1, null])
  })

  it('leaves the series it started from untouched', () => {
    const before = mergePoints(EMPTY_SERIES, [point(0, 1)])
    mergePoints(before, [point(1, 2)])
    expect(before.epochs).toEqual([0])
  })
})

describe('reading points', () => {
  it('keeps non-finite values apart and drops what is no number', () => {
    const made = toPoint({ epoch: 4, a: 'NaN', b: '-Infinity', c: null, d: 'text', e: true, timestamp: 'x' }, T0)
    expect(Object.fromEntries(made?.values ?? [])).toEqual({ a: 'NaN', b: '-Infinity', c: null })
  })

  it('refuses rows without an epoch', () => {
    expect(toPoint({ train_loss: 1 }, T0)).toBeNull()
  })
})

describe('summaries', () => {
  const series = mergePoints(EMPTY_SERIES, [point(0, 3), point(1, 'NaN'), point(2, 1), point(3, 2)])

  it('finds extremes and counts what cannot be drawn', () => {
    expect(extentOf(series, 'train_loss')).toEqual({ last: 2, min: 1, minEpoch: 2, max: 3, nonFinite: 1 })
  })

  it('names metrics with losses first and empty ones left out', () => {
    const other = mergePoints(EMPTY_SERIES, [toPoint({ epoch: 0, acc: 1, lr: 0.1, val_loss: 2, train_loss: null }, T0) as Point])
    expect(metricNames([other])).toEqual(['val_loss', 'lr', 'acc'])
  })
})
