import { type WireEvent, toWireEvent } from './event'

/** Event ids remembered to drop repeats after a replay. */
const REMEMBERED = 20_000

export interface Timer {
  set(run: () => void, millis: number): unknown
  clear(handle: unknown): void
}

/** Of the time that events and what they redraw may take. */
const SHARE = 0.1
const LONGEST_MILLIS = 1_500

/**
 * Collects a burst and hands it over in one piece, so that a thousand events cost one redraw.
 * The first event after a quiet moment is shown at once, later ones at most every `interval`, which
 * grows with what a redraw costs on this page and machine.
 */
export class EventBatcher {
  private pending: WireEvent[] = []
  private handle: unknown = null
  private lastFlush = -Infinity
  /** Of one delivery with its redraw, milliseconds; the newest counts most. */
  private cost = 0
  private seen = new Set<string>()
  private older = new Set<string>()

  constructor(
    private readonly deliver: (events: readonly WireEvent[]) => void,
    private readonly timer: Timer,
    private readonly now: () => number,
    private readonly interval = 150,
  ) {}

  push(data: string): void {
    const event = toWireEvent(data)
    if (!event || this.isRepeat(event)) return
    this.pending.push(event)
    if (this.handle !== null) return
    const pause = Math.min(LONGEST_MILLIS, Math.max(this.interval, this.cost / SHARE))
    const wait = Math.max(16, this.lastFlush + pause - this.now())
    this.handle = this.timer.set(() => this.flush(), wait)
  }

  flush(): void {
    if (this.handle !== null) this.timer.clear(this.handle)
    this.handle = null
    this.lastFlush = this.now()
    const events = this.pending
    this.pending = []
    if (events.length === 0) return
    const begun = this.now()
    this.deliver(events)
    // What was changed is redrawn in jobs queued by now; this one comes after them.
    void Promise.resolve().then(() => (this.cost = this.cost / 2 + (this.now() - begun) / 2))
  }

  /** One event arrives once per matching channel, each of which counts by itself. */
  private isRepeat(event: WireEvent): boolean {
    if (!event.event_id) return false
    const key = `${event.channel}|${event.event_id}`
    if (this.seen.has(key) || this.older.has(key)) return true
    this.seen.add(key)
    if (this.seen.size >= REMEMBERED / 2) {
      this.older = this.seen
      this.seen = new Set()
    }
    return false
  }
}
