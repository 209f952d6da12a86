import { describe, expect, it } from 'vitest'
import { elapsedSecs, formatDuration } from './duration'
import { expiryAfterDays } from './expiry'
import { formatMetric, plottable, toMetric } from './metric'
import { smooth } from './smoothing'
import { thin } from './thinning'

const WORDS = { d: 'd', h: 'h', m: 'm', s: 's' }

describe('durations', () => {
  it.each([
    [-5, '0s'],
    [0.9, '0s'],
    [59.9, '59s'],
    [60, '1m 00s'],
    [252, '4m 12s'],
    [3_600, '1h 00m'],
    [86_399, '23h 59m'],
    [86_400, '1d'],
    [183_600, '2d 3h'],
  ])('%d s reads %s', (secs, text) => expect(formatDuration(secs, WORDS)).toBe(text))

  it('runs to now while there is no end, and never backwards', () => {
    const start = '2026-01-01T00:00:00Z'
    const now = Date.parse('2026-01-01T00:01:00Z')
    expect(elapsedSecs(start, null, now)).toBe(60)
    expect(elapsedSecs(start, '2026-01-01T00:00:10Z', now)).toBe(10)
    expect(elapsedSecs(start, null, now - 3_600_000)).toBe(0)
    expect(elapsedSecs('not a time', null, now)).toBeNull()
  })
})

describe('metrics', () => {
  it.each([
    [0, '0'],
    [12, '12'],
    [0.123456, '0.1235'],
    [123.456, '123.5'],
    [12_345.678, '12345.7'],
    [0.00001234, '1.234e-5'],
    [2.5e9, '2.5e9'],
    [null, '–'],
    ['NaN' as const, 'NaN'],
    ['-Infinity' as const, '-Infinity'],
  ])('%s is shown as %s', (value, text) => expect(formatMetric(value)).toBe(text))

  it('reads numbers, words for non-finite ones, and nothing else', () => {
    expect(toMetric(Number.NaN)).toBe('NaN')
    expect(toMetric('Infinity')).toBe('Infinity')
    expect(toMetric('1.5')).toBeUndefined()
    expect(plottable('NaN')).toBeNull()
  })
})

describe('smoothing', () => {
  it('keeps gaps, and a constant stays what it is', () => {
    const [first, gap, last] = smooth([2, null, 2], 0.9)
    expect(first).toBeCloseTo(2)
    expect(gap).toBeNull()
    expect(last).toBeCloseTo(2)
  })
})

describe('thinning', () => {
  const values = Array.from({ length: 1_000 }, (_, i) => (i === 500 ? 99 : i === 700 ? null : Math.sin(i)))

  it('keeps ends, spikes and gaps, and about as many points as asked for', () => {
    const kept = thin(values, 60)
    expect(kept.length).toBeLessThanOrEqual(62)
    for (const i of [0, 500, 700, 999]) expect(kept).toContain(i)
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
  })

  it('leaves short curves whole', () => expect(thin([1, null, 2], 60)).toEqual([0, 1, 2]))
})

describe('expiry', () => {
  it('is whole seconds in UTC, or never', () => {
    expect(expiryAfterDays(0, 0)).toBeNull()
    expect(expiryAfterDays(1, 999)).toBe('1970-01-02T00:00:00Z')
  })
})
