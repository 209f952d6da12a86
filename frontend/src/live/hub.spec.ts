import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Hub, type Told, type Wish } from './hub'
import type { Handlers } from './transport'

function setUp() {
  const calls: string[] = []
  let handlers!: Handlers
  const hub = new Hub((given) => {
    handlers = given
    return {
      follow: (channels) => calls.push(`follow ${[...channels].sort().join()}`),
      retryNow: () => calls.push('retry'),
      pause: () => calls.push('pause'),
      restart: () => calls.push('restart'),
      close: () => calls.push('close'),
      resumeAt: (cursor) => calls.push(`at ${cursor}`),
    }
  }, Date.now)
  const live = (resumed: boolean) => {
    handlers.onOpen(resumed)
    handlers.onState('live')
  }
  function tab() {
    const heard: string[] = []
    const own = { post: (told: Told) => void heard.push(told.kind === 'frame' ? told.data : told.kind === 'open' ? `open ${told.resumed}` : told.kind === 'state' ? told.state : told.kind) }
    const say = (kind: Wish['kind'], channels: string[], more: Partial<Wish> = {}) => hub.hear(own, { kind, channels, token: 't', cursor: null, hidden: false, ...more })
    return { heard, say }
  }
  const frame = (channel: string) => handlers.onFrame('job_epoch', JSON.stringify({ channel }))
  return { calls, hub, tab, live, frame, handlers: () => handlers }
}

describe('tabs of one browser', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('share a connection that follows what any of them follows', () => {
    const { calls, tab, live, frame } = setUp()
    const [one, two] = [tab(), tab()]
    one.say('follow', ['batch:a'])
    live(false)
    two.say('follow', ['batch:a'])
    two.say('follow', ['batch:b'])
    expect(calls).toEqual(['follow batch:a', 'follow batch:a,batch:b'])
    frame('batch:a')
    frame('batch:b')
    expect(one.heard).toContain('{"channel":"batch:a"}')
    expect(one.heard).not.toContain('{"channel":"batch:b"}')
    expect(two.heard).toContain('{"channel":"batch:b"}')
  })

  it('are told at once when what they want is followed already', () => {
    const { tab, live } = setUp()
    const [one, two] = [tab(), tab()]
    one.say('follow', ['batch:a'])
    live(false)
    two.say('follow', ['batch:a'])
    expect(two.heard).toEqual(['live', 'open false'])
  })

  it('need not read again because another opened a page', () => {
    const { tab, live } = setUp()
    const [one, two] = [tab(), tab()]
    one.say('follow', ['batch:a'])
    live(false)
    two.say('follow', ['batch:b'])
    live(true)
    expect(one.heard).toEqual(['idle', 'open false', 'live', 'open true', 'live'])
    expect(two.heard).toContain('open false')
  })

  it('give the connection back when all are hidden, and keep it while one is seen', () => {
    const { calls, tab, live } = setUp()
    const [one, two] = [tab(), tab()]
    one.say('follow', ['batch:a'])
    two.say('follow', ['batch:a'])
    live(false)
    one.say('follow', ['batch:a'], { hidden: true })
    expect(calls).not.toContain('pause')
    two.say('follow', ['batch:a'], { hidden: true })
    expect(calls).toContain('pause')
  })

  it('are forgotten when they are closed, with or without a word', () => {
    const { calls, tab, live } = setUp()
    const [one, two, three] = [tab(), tab(), tab()]
    one.say('follow', ['batch:a'])
    two.say('follow', ['batch:b'])
    three.say('follow', ['batch:c'])
    live(false)
    two.say('bye', [])
    vi.advanceTimersByTime(11_000)
    expect(calls.at(-1)).toBe('follow batch:a,batch:c')
    vi.advanceTimersByTime(140_000)
    three.say('alive', ['batch:c'])
    vi.advanceTimersByTime(11_000)
    expect(calls.at(-1)).toBe('follow batch:c')
  })

  it('start afresh when somebody else logs in', () => {
    const { calls, tab, live } = setUp()
    const one = tab()
    one.say('follow', ['batches'])
    live(false)
    one.say('follow', [], { token: null })
    one.say('follow', ['batches'], { token: 'other' })
    expect(calls).toEqual(['follow batches', 'follow ', 'restart', 'close', 'follow batches'])
  })

  it('know the unread notifications the others know', () => {
    const { tab, live, handlers } = setUp()
    tab().say('follow', ['batches'])
    live(false)
    handlers().onFrame('notification', '{"unread":3}')
    const two = tab()
    two.say('follow', ['batches'])
    expect(two.heard).toContain('{"unread":3}')
  })
})
