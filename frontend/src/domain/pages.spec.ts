import { describe, expect, it } from 'vitest'
import { scaledBytes } from './bytes'
import { CHANNEL_KINDS, fieldsOf } from './channels'
import { dayInstant } from './days'
import { axisOf, barsOf } from './gantt'
import { hostMeters } from './hostMeters'
import { EMPTY_TAIL, filterLines, joinLive } from './logs'
import { mailsFor, projectsOf } from './mailWishes'
import { queryErrorAt, splitAt } from './queryError'
import { bestSoFar, strengths, wantsLog } from './study'

describe('queries', () => {
  it('find the place of a mistake in the server’s words, whatever their language', () => {
    expect(queryErrorAt('query, character 8: a value is missing', 'status:=')).toBe(7)
    expect(queryErrorAt('查询语句第 3 个字符：缺少值', 'ab(')).toBe(2)
    expect(queryErrorAt('query, character 40: the end', 'short')).toBe(5)
    expect(queryErrorAt('no number', 'x')).toBeNull()
  })

  it('split by characters, not by halves of them', () => {
    expect(splitAt('𝛼:x', 1)).toEqual(['𝛼', ':', 'x'])
    expect(splitAt('ab', 2)).toEqual(['ab', '␣', ''])
  })
})

describe('mails', () => {
  const rows = [
    { project: null, event_type: 'job_failed', enabled: false },
    { project: 'p', event_type: 'batch_done', enabled: false },
    { project: 'p', event_type: 'job_idle_flagged', enabled: true },
  ]

  it('follow the own line, then the line for everything, then what is usual', () => {
    expect(mailsFor(rows, 'batch_done', 'p')).toEqual({ wanted: false, inherited: false })
    expect(mailsFor(rows, 'job_failed', 'p')).toEqual({ wanted: false, inherited: true })
    expect(mailsFor(rows, 'batch_failed', 'p')).toEqual({ wanted: true, inherited: true })
    expect(mailsFor(rows, 'job_idle_flagged', null)).toEqual({ wanted: false, inherited: true })
    expect(projectsOf(rows)).toEqual(['p'])
  })

  it('have a form for every kind of channel', () => {
    for (const kind of CHANNEL_KINDS) expect(fieldsOf(kind).url || fieldsOf(kind).chat).toBe(true)
  })
})

describe('a timeline', () => {
  const spells = [
    { id: 'a', status: 'done', start_time: '2026-01-01T00:00:00Z', end_time: '2026-01-01T00:00:10Z' },
    { id: 'b', status: 'running', start_time: '2026-01-01T00:00:10Z', end_time: null },
  ]
  const now = Date.parse('2026-01-01T00:00:20Z')

  it('spans from the first start to the last end, which may be now', () => {
    const axis = axisOf(spells, now)
    expect(axis.end - axis.start).toBe(20_000)
    expect(barsOf(spells, axis, now).map(({ from, width, seconds }) => [from, width, seconds])).toEqual([[0, 0.5, 10], [0.5, 0.5, 10]])
  })
})

describe('studies', () => {
  const trials = [{ trial_id: 2, value: 1, params: {} }, { trial_id: 0, value: 3, params: {} }, { trial_id: 1, value: null, params: {} }, { trial_id: 3, value: 2, params: {} }]

  it('know the best so far in the order of trials', () => {
    expect(bestSoFar(trials, 'minimize')).toEqual([[0, 3], [2, 1], [3, 1]])
    expect(bestSoFar(trials, 'maximize')).toEqual([[0, 3], [2, 3], [3, 3]])
  })

  it('weigh values and choose axes', () => {
    expect(strengths([1, 2, 3], 'minimize')).toEqual([1, 0.5, 0])
    expect(wantsLog([1e-5, 1e-2])).toBe(true)
    expect(wantsLog([0, 1000])).toBe(false)
  })
})

describe('figures', () => {
  it('scale sizes', () => {
    expect(scaledBytes(0)).toEqual({ value: 0, unit: 'B' })
    expect(scaledBytes(1536)).toEqual({ value: 1.5, unit: 'KB' })
    expect(scaledBytes(5e9)).toEqual({ value: 4.7, unit: 'GB' })
  })

  it('show a host’s gauges as far as they are known', () => {
    expect(hostMeters({ gpu_util_pct: 50, ram_mb: 95, ram_total_mb: 100, disk_free_mb: 5 })).toMatchObject([
      { key: 'gpu', share: 0.5, tight: false },
      { key: 'ram', share: 0.95, tight: true },
      { key: 'disk', share: null, used: 5 },
    ])
  })

  it('begin and end days by the reader’s clock', () => {
    expect(dayInstant('', 0)).toBeNull()
    const start = Date.parse(dayInstant('2026-03-01', 0) ?? '')
    expect(new Date(start).getHours()).toBe(0)
    expect(Date.parse(dayInstant('2026-03-01', 1) ?? '') - start).toBe(86_400_000)
  })

  it('find words in a log whatever their case', () => {
    const tail = joinLive(EMPTY_TAIL, [{ ts: '1', job_id: 'a', level: 'info', line: 'Loss 1' }, { ts: '2', job_id: 'b', level: 'info', line: 'other' }])
    expect(filterLines(tail.lines, null, 0, ' loss ').map((line) => line.line)).toEqual(['Loss 1'])
  })
})
