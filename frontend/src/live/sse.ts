/**
 * The live stream over `fetch` rather than `EventSource`: the credential travels in a header
 * instead of an address that logs would keep, statuses are visible, and unknown event types
 * arrive too.
 */
import { Backoff } from './backoff'
import type { CursorStore } from './cursor'
import { FrameParser, type Parsed } from './frames'
import type { Handlers, LinkState, Transport } from './transport'

/** The server speaks every 15 s; this much silence means the connection died unnoticed. */
const SILENCE_MILLIS = 35_000
/** After this much silence a page that comes back to the front does not wait any longer. */
const STALE_MILLIS = 20_000

export interface SseOptions {
  token(): string | null
  cursors: CursorStore
  handlers: Handlers
  /** Other channels do not change the position of those that stay. */
  keepsPosition?: boolean
}

export class SseTransport implements Transport {
  private channels: readonly string[] = []
  private cursor: string | null = null
  private abort: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly backoff = new Backoff()
  private state: LinkState = 'idle'
  private untouched = true
  private heardAt = 0

  constructor(private readonly options: SseOptions) {}

  follow(channels: readonly string[]): void {
    const sorted = [...channels].sort()
    if (sorted.join() === this.channels.join() && this.state !== 'refused') return
    this.drop()
    this.channels = sorted
    // Only a reloaded page resumes; elsewhere a fresh read is cheaper than a long replay.
    if (!this.options.keepsPosition) this.cursor = this.untouched && sorted.length > 0 ? this.options.cursors.load(sorted) : null
    if (sorted.length > 0) this.untouched = false
    this.backoff.reset()
    if (sorted.length === 0) this.enter('idle')
    else void this.connect('connecting')
  }

  /** Takes up a position unless there is one already. */
  resumeAt(cursor: string): void {
    this.cursor ??= cursor
  }

  retryNow(): void {
    const fine = this.state === 'connecting' || (this.state === 'live' && Date.now() - this.heardAt < STALE_MILLIS)
    if (this.channels.length === 0 || fine) return
    this.drop()
    this.backoff.reset()
    void this.connect(this.state === 'paused' ? 'connecting' : 'reconnecting')
  }

  pause(): void {
    if (this.channels.length === 0 || this.state === 'refused') return
    this.drop()
    this.enter('paused')
  }

  close(): void {
    this.drop()
    this.channels = []
    this.enter('idle')
  }

  /** Forgets the position: the next connection starts at the present. */
  restart(): void {
    this.cursor = null
    this.options.cursors.forget(this.channels)
  }

  private async connect(state: LinkState): Promise<void> {
    this.enter(state)
    const abort = new AbortController()
    this.abort = abort
    this.watch(abort)
    const resumed = this.cursor !== null
    try {
      const response = await fetch(this.address(), {
        headers: { Authorization: `Bearer ${this.options.token() ?? ''}`, Accept: 'text/event-stream' },
        cache: 'no-store',
        signal: abort.signal,
      })
      if (!response.ok || !response.body) return this.rejected(response, abort)
      this.options.handlers.onOpen(resumed)
      this.enter('live')
      await this.read(response.body, abort)
    } catch {
      // Lost or given up; what follows is decided below.
    }
    if (this.abort === abort) this.later()
  }

  private async read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
    const parser = new FrameParser()
    for (;;) {
      const { value, done } = await reader.read()
      if (done || this.abort !== abort) return
      this.watch(abort)
      this.deliver(parser.push(value))
    }
  }

  private deliver(parsed: Parsed): void {
    if (parsed.retry !== null) this.backoff.setBase(parsed.retry)
    for (const frame of parsed.frames) {
      this.backoff.reset()
      if (frame.id) this.cursor = frame.id
      this.options.handlers.onFrame(frame.event, frame.data)
    }
    if (parsed.frames.length > 0 && this.cursor) this.options.cursors.save(this.channels, this.cursor)
  }

  private rejected(response: Response, abort: AbortController): void {
    if (this.abort !== abort) return
    void response.body?.cancel()
    if (response.status === 401) {
      this.drop()
      this.enter('refused')
      return this.options.handlers.onUnauthorized()
    }
    const hopeless = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status)
    if (hopeless && this.cursor) {
      // Perhaps only the position is to blame: once more from the present.
      this.restart()
      return this.later()
    }
    if (hopeless) {
      this.drop()
      return this.enter('refused')
    }
    const wait = Number(response.headers.get('retry-after')) * 1000
    this.later(wait > 0 ? wait : undefined)
  }

  private later(millis = this.backoff.next()): void {
    this.drop()
    this.enter('reconnecting')
    this.timer = setTimeout(() => void this.connect('reconnecting'), millis)
  }

  /** Restarts the clock that notices a connection gone silent, as after a laptop's sleep. */
  private watch(abort: AbortController): void {
    this.heardAt = Date.now()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      if (this.abort === abort) this.later(0)
    }, SILENCE_MILLIS)
  }

  private drop(): void {
    clearTimeout(this.timer)
    const abort = this.abort
    this.abort = null
    abort?.abort()
  }

  private address(): string {
    const query = new URLSearchParams({ channels: this.channels.join(','), nonfinite: 'text' })
    if (this.cursor) query.set('last_event_id', this.cursor)
    return `/api/sse?${query}`
  }

  private enter(state: LinkState): void {
    if (this.state === state) return
    this.state = state
    this.options.handlers.onState(state)
  }
}
