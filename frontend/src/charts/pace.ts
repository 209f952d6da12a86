/**
 * When a chart that keeps changing is drawn again: at once where somebody asked for another look,
 * else so seldom that drawing takes no more than a small share of the time, and never out of sight.
 */

/** Of the time, at most. */
const SHARE = 0.05
const LEAST_MILLIS = 150
const MOST_MILLIS = 4_000

export interface Clock {
  now(): number
  later(run: () => void, millis: number): unknown
  forget(handle: unknown): void
}

export class Pace {
  private handle: unknown = null
  private wanted = false
  private seen = true
  private cost = 0
  private drawnAt = -Infinity

  constructor(private readonly draw: () => void, private readonly clock: Clock) {}

  /** There is something to draw. */
  want(): void {
    this.wanted = true
    if (!this.seen || this.handle !== null) return
    const pause = Math.min(MOST_MILLIS, Math.max(LEAST_MILLIS, this.cost / SHARE))
    const wait = this.drawnAt + pause - this.clock.now()
    if (wait <= 0) this.now()
    else this.handle = this.clock.later(() => this.now(), wait)
  }

  /** Somebody waits for it. */
  now(): void {
    if (this.handle !== null) this.clock.forget(this.handle)
    this.handle = null
    this.wanted = false
    const begun = this.clock.now()
    this.draw()
    this.drawnAt = this.clock.now()
    this.cost = this.drawnAt - begun
  }

  /** Out of sight nothing is drawn; back in sight it is. */
  see(seen: boolean): void {
    this.seen = seen
    if (seen && this.wanted) this.now()
  }

  stop(): void {
    if (this.handle !== null) this.clock.forget(this.handle)
    this.handle = null
    this.seen = false
  }
}
