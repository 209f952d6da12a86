/**
 * One connection for all tabs of a browser. It lives in a shared worker: tabs say what they want to
 * follow, the connection follows the union, and frames go to the tabs that asked for their channel.
 * A channel that is added keeps the position of all others, so that nobody reads again because
 * somebody else opened a page.
 */
import { parseObject } from './event'
import type { Handlers, LinkState, Transport } from './transport'

/** All a tab wants, whole every time: a message may be the first the worker hears of the tab. */
export interface Wish {
  channels: readonly string[]
  token: string | null
  /** Where the tab had read up to before it was loaded again. */
  cursor: string | null
  /** Nobody looks at the tab. */
  hidden: boolean
  kind: 'follow' | 'alive' | 'retry' | 'restart' | 'bye'
}

export type Told =
  | { kind: 'state'; state: LinkState }
  | { kind: 'open'; resumed: boolean }
  | { kind: 'frame'; event: string; data: string }
  | { kind: 'cursor'; cursor: string }
  | { kind: 'unauthorized' }

export interface Tab {
  post(told: Told): void
}

interface Known {
  channels: readonly string[]
  hidden: boolean
  heardAt: number
  /** Followed all it follows when the connection was last there. */
  caughtUp: boolean
}

/** Channels nobody wants any more are given up after this; the next page often wants them back. */
const LINGER_MILLIS = 10_000
/** A tab that was closed without a word; hidden tabs speak once a minute. */
const SILENT_MILLIS = 150_000

export interface HubTransport extends Transport {
  /** Takes up a position unless there is one already. */
  resumeAt(cursor: string): void
}

export class Hub {
  private readonly tabs = new Map<Tab, Known>()
  private followed: ReadonlySet<string> = new Set()
  private state: LinkState = 'idle'
  private unread: string | null = null
  private linger: ReturnType<typeof setTimeout> | undefined
  private readonly transport: HubTransport
  token: string | null = null

  constructor(connect: (handlers: Handlers) => HubTransport, private readonly now: () => number) {
    this.transport = connect({
      onOpen: (resumed) => this.opened(resumed),
      onFrame: (event, data) => this.frame(event, data),
      onState: (state) => this.enter(state),
      onUnauthorized: () => this.each((tab) => tab.post({ kind: 'unauthorized' })),
    })
  }

  hear(tab: Tab, wish: Wish): void {
    if (wish.kind === 'bye') {
      this.tabs.delete(tab)
      return this.plan()
    }
    const known = this.tabs.get(tab)
    const same = known?.channels.join() === wish.channels.join()
    if (wish.token !== null && wish.token !== this.token) this.identify(wish.token)
    this.tabs.set(tab, { channels: wish.channels, hidden: wish.hidden, heardAt: this.now(), caughtUp: same && known?.caughtUp === true })
    if (wish.kind === 'restart') return this.transport.restart()
    if (wish.cursor !== null && this.followed.size === 0) this.transport.resumeAt(wish.cursor)
    this.plan()
    if (wish.kind === 'retry') this.transport.retryNow()
    if (!same) this.welcome(tab)
  }

  /** The position moved; tabs keep it for when they are loaded again. */
  moved(cursor: string): void {
    this.each((tab, known) => known.channels.length > 0 && tab.post({ kind: 'cursor', cursor }))
  }

  /** What a newcomer would have heard had it been there from the start. */
  private welcome(tab: Tab): void {
    const known = this.tabs.get(tab)
    if (!known || known.channels.length === 0) return tab.post({ kind: 'state', state: 'idle' })
    tab.post({ kind: 'state', state: this.state })
    if (this.unread !== null) tab.post({ kind: 'frame', event: 'notification', data: this.unread })
    if (this.state !== 'live' || known.caughtUp) return
    known.caughtUp = true
    tab.post({ kind: 'open', resumed: false })
  }

  /** Somebody else may be at the keyboard now: nothing of the old connection is theirs. */
  private identify(token: string): void {
    if (this.token !== null) {
      this.transport.restart()
      this.transport.close()
      this.followed = new Set()
      this.unread = null
      this.each((_, known) => void (known.caughtUp = false))
    }
    this.token = token
  }

  private plan(): void {
    for (const [tab, known] of this.tabs) if (this.now() - known.heardAt > SILENT_MILLIS) this.tabs.delete(tab)
    clearTimeout(this.linger)
    const following = [...this.tabs.values()].filter((known) => known.channels.length > 0)
    if (following.length > 0 && following.every((known) => known.hidden)) return this.transport.pause()
    const wanted = new Set(following.flatMap((known) => known.channels))
    if ([...wanted].some((channel) => !this.followed.has(channel))) return this.follow(wanted)
    if (this.state === 'paused' && wanted.size > 0) this.transport.retryNow()
    if (wanted.size === 0 && this.followed.size > 0) return this.follow(wanted)
    if (wanted.size < this.followed.size) this.linger = setTimeout(() => this.follow(wanted), LINGER_MILLIS)
  }

  private follow(wanted: ReadonlySet<string>): void {
    this.followed = wanted
    this.transport.follow([...wanted])
  }

  private opened(resumed: boolean): void {
    this.each((tab, known) => {
      if (known.channels.length === 0) return
      tab.post({ kind: 'open', resumed: resumed && known.caughtUp })
      known.caughtUp = true
    })
  }

  private frame(event: string, data: string): void {
    if (event === 'hello' || event === 'keepalive') return
    if (event === 'notification') this.unread = data
    const channel = event === 'notification' || event === 'resync' ? null : parseObject(data)?.channel
    this.each((tab, known) => {
      if (typeof channel !== 'string' || known.channels.includes(channel)) tab.post({ kind: 'frame', event, data })
    })
  }

  private enter(state: LinkState): void {
    this.state = state
    // Whoever asks next makes the next attempt.
    if (state === 'refused') this.followed = new Set()
    this.each((tab, known) => known.channels.length > 0 && tab.post({ kind: 'state', state }))
  }

  private each(say: (tab: Tab, known: Known) => unknown): void {
    for (const [tab, known] of this.tabs) say(tab, known)
  }
}
