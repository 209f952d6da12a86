import { rowWindow } from './window'
import { describe, expect, it } from 'vitest'
import { EMPTY_TAIL, filterLines, joinLive, joinSnapshot, type RawLine } from './logs'
import { nextSort, sortRows } from './sorting'
import { extendSparks, sparkOf, sparkPaths } from './sparks'

const line = (text: string, second = 0, level = 'info'): RawLine => ({
  ts: `2026-01-01T00:00:0${second}Z`,
  job_id: 'j',
  level,
  line: text,
})
const texts = (tail: { lines: readonly { line: string }[] }) => tail.lines.map((entry) => entry.line)

describe('log tail', () => {
  it('shows a line once when stream and reading both bring it', () => {
    const live = joinLive(EMPTY_TAIL, [line('b', 1), line('c', 2)])
    const tail = joinSnapshot(live, [line('a', 0), line('b', 1)])
    expect(texts(tail)).toEqual(['a', 'b', 'c'])
  })

  it('shows nothing twice when a replay repeats what was read', () => {
    const read = joinSnapshot(EMPTY_TAIL, [line('a', 0), line('b', 1)])
    expect(texts(joinLive(read, [line('a', 0), line('b', 1), line('c', 2)]))).toEqual(['a', 'b', 'c'])
  })

  it('keeps lines that a script really printed twice', () => {
    const read = joinSnapshot(EMPTY_TAIL, [line('same'), line('same')])
    expect(texts(joinLive(read, [line('same'), line('same'), line('same')]))).toEqual(['same', 'same', 'same'])
  })

  it('orders by time and keeps arrival within a second', () => {
    const live = joinLive(EMPTY_TAIL, [line('late', 2), line('early', 1), line('early too', 1)])
    expect(texts(live)).toEqual(['early', 'early too', 'late'])
  })

  it('filters by level and job', () => {
    const { lines } = joinLive(EMPTY_TAIL, [line('x', 0, 'debug'), line('y', 1, 'WARNING'), line('z', 2, 'odd')])
    expect(filterLines(lines, null, 1).map((entry) => entry.line)).toEqual(['y', 'z'])
    expect(filterLines(lines, 'other', 0)).toEqual([])
  })
})

describe('sorting', () => {
  it('sorts numbers by size, words naturally, and absent values last both ways', () => {
    const keys = [10, null, 9, undefined, 2]
    expect(sortRows(keys, (key) => key, false)).toEqual([2, 9, 10, null, undefined])
    expect(sortRows(keys, (key) => key, true)).toEqual([10, 9, 2, null, undefined])
    expect(sortRows(['job-10', 'job-9'], (key) => key, false)).toEqual(['job-9', 'job-10'])
  })

  it('goes up, down, and back to the given order', () => {
    const up = nextSort(null, 'a')
    const down = nextSort(up, 'a')
    expect([up?.descending, down?.descending, nextSort(down, 'a')]).toEqual([false, true, null])
    expect(nextSort(down, 'b')).toEqual({ column: 'b', descending: false })
  })
})

describe('sparks', () => {
  it('starts anew when another job speaks', () => {
    const first = extendSparks(new Map(), [{ batch: 'b', job: '1', loss: 1 }, { batch: 'b', job: '1', loss: 'NaN' }])
    expect(first.get('b')?.losses).toEqual([1, null])
    expect(extendSparks(first, [{ batch: 'b', job: '2', loss: 3 }]).get('b')).toEqual({ job: '2', losses: [3] })
  })

  it('reads the newest trace and breaks the line at gaps', () => {
    const spark = sparkOf([{ job_id: 'a', val_loss_trace: [1, 2] }, { job_id: 'b', val_loss_trace: [4, 3, 'NaN', 1, 0] }, { job_id: 'c' }])
    expect(spark?.job).toBe('b')
    expect(sparkPaths(spark?.losses ?? [], 96, 26)).toHaveLength(2)
  })
})

describe('the drawn part of a long list', () => {
  it('is what is in sight and some around it, and leaves room for the rest', () => {
    const top = rowWindow(1_000, 40, 0, 800)
    expect(top).toEqual({ from: 0, to: 32, before: 0, after: 968 * 40 })
    const middle = rowWindow(1_000, 40, 20_000, 800)
    expect([middle.from, middle.to]).toEqual([488, 532])
    expect(middle.before + (middle.to - middle.from) * 40 + middle.after).toBe(40_000)
  })

  it('ends with the list', () => {
    const end = rowWindow(1_000, 40, 1e9, 800)
    expect([end.to, end.after]).toEqual([1_000, 0])
    expect(end.from).toBeLessThan(1_000)
    expect(rowWindow(0, 40, 0, 800)).toEqual({ from: 0, to: 0, before: 0, after: 0 })
  })
})
