import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff'
import { EventBatcher } from './batch'
import { cursorStore } from './cursor'
import type { WireEvent } from './event'
import { FrameParser } from './frames'

function parse(pieces: string[]) {
  const parser = new FrameParser()
  const parsed = pieces.map((piece) => parser.push(piece))
  return { frames: parsed.flatMap((part) => part.frames), retry: parsed.map((part) => part.retry).filter((r) => r !== null) }
}

describe('frames', () => {
  const TEXT = 'retry: 1500\n\n: note\r\nid: 7\r\nevent: hello\r\ndata: {"a":1}\r\n\r\ndata: x\ndata:y\n\n'

  it.each([1, 2, 3, 7, 1000])('are the same in pieces of %d characters', (size) => {
    const pieces = TEXT.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    const { frames, retry } = parse(pieces)
    expect(frames).toEqual([
      { event: 'hello', data: '{"a":1}', id: '7' },
      { event: 'message', data: 'x\ny', id: '7' },
    ])
    expect(retry).toEqual([1500])
  })

  it('are not given out before they are complete', () => {
    expect(parse(['event: a\ndata: 1\n']).frames).toEqual([])
  })
})

describe('batches of events', () => {
  function setUp() {
    const delivered: string[][] = []
    const planned: { run: () => void; millis: number }[] = []
    const cost = { millis: 0 }
    let now = 0
    const timer = { set: (run: () => void, millis: number) => planned.push({ run, millis }), clear: () => undefined }
    const batcher = new EventBatcher((events) => {
      delivered.push(events.map((e: WireEvent) => e.event_id ?? ''))
      now += cost.millis
    }, timer, () => now, 150)
    const push = (id: string, channel = 'c') =>
      batcher.push(JSON.stringify({ event_type: 'job_epoch', timestamp: 't', batch_id: 'b', event_id: id, channel }))
    return { delivered, planned, push, batcher, cost, tick: (millis: number) => (now += millis) }
  }

  it('are delivered in one piece, the first soon and the next not before the interval', () => {
    const { delivered, planned, push, tick } = setUp()
    push('1')
    push('2')
    expect(planned).toHaveLength(1)
    expect(planned[0]?.millis).toBe(16)
    planned[0]?.run()
    expect(delivered).toEqual([['1', '2']])
    tick(50)
    push('3')
    expect(planned[1]?.millis).toBe(100)
  })

  it('come the more seldom the more a redraw costs, and often again when it got cheap', async () => {
    const { planned, push, tick, cost } = setUp()
    const waits: number[] = []
    for (let i = 0; i < 12; i += 1) {
      cost.millis = i < 6 ? 60 : 0
      push(`${i}`)
      waits.push(planned[i]?.millis ?? 0)
      tick(waits[i] ?? 0)
      planned[i]?.run()
      await Promise.resolve()
    }
    expect(waits[1]).toBeGreaterThan(150)
    expect(waits[6]).toBeGreaterThan(500)
    expect(waits[11]).toBe(150)
  })

  it('drop repeats of a replay, but not the copy for another channel', () => {
    const { delivered, push, batcher } = setUp()
    push('1')
    push('1')
    push('1', 'other')
    batcher.push('not json')
    batcher.push('{"event_type":"x"}')
    batcher.flush()
    push('1')
    batcher.flush()
    expect(delivered).toEqual([['1', '1']])
  })
})

describe('cursors', () => {
  it('belong to a set of channels, in any order, and grow old', () => {
    const items = new Map<string, string>()
    const box = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    }
    let now = 1_000
    const store = cursorStore(box, () => now)
    store.save(['b', 'a'], 'x|y')
    expect(store.load(['a', 'b'])).toBe('x|y')
    expect(store.load(['a'])).toBeNull()
    now += 16 * 60_000
    expect(store.load(['a', 'b'])).toBeNull()
  })
})

describe('backoff', () => {
  it('doubles up to its limit and starts over after a success', () => {
    const backoff = new Backoff(500, 15_000, () => 1)
    expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next())).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
    backoff.reset()
    backoff.setBase(1)
    expect(backoff.next()).toBe(100)
  })
})
