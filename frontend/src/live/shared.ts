/** A tab's end of the shared connection. */
import type { CursorStore } from './cursor'
import type { Told, Wish } from './hub'
import type { Handlers, Transport } from './transport'

/** How often a tab says that it is still there. */
const ALIVE_MILLIS = 30_000

export interface SharedOptions {
  token(): string | null
  cursors: CursorStore
  handlers: Handlers
}

interface Port {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent<Told>) => void) | null
}

export class SharedTransport implements Transport {
  private channels: readonly string[] = []
  private hidden = false
  private untouched = true

  constructor(
    private readonly port: Port,
    private readonly options: SharedOptions,
  ) {
    port.onmessage = (event) => this.hear(event.data)
    setInterval(() => this.say('alive'), ALIVE_MILLIS)
    addEventListener('pagehide', () => this.say('bye'))
  }

  follow(channels: readonly string[]): void {
    const sorted = [...channels].sort()
    if (sorted.join() === this.channels.join()) return
    this.channels = sorted
    const cursor = this.untouched && sorted.length > 0 ? this.options.cursors.load(sorted) : null
    if (sorted.length > 0) this.untouched = false
    this.say('follow', cursor)
  }

  retryNow(): void {
    this.hidden = false
    this.say('retry')
  }

  pause(): void {
    this.hidden = true
    this.say('follow')
  }

  restart(): void {
    this.options.cursors.forget(this.channels)
    this.say('restart')
  }

  close(): void {
    this.channels = []
    this.say('bye')
  }

  private say(kind: Wish['kind'], cursor: string | null = null): void {
    const wish: Wish = { kind, channels: this.channels, token: this.options.token(), cursor, hidden: this.hidden }
    this.port.postMessage(wish)
  }

  private hear(told: Told): void {
    const { handlers, cursors } = this.options
    if (told.kind === 'state') handlers.onState(told.state)
    else if (told.kind === 'open') handlers.onOpen(told.resumed)
    else if (told.kind === 'frame') handlers.onFrame(told.event, told.data)
    else if (told.kind === 'cursor') cursors.save(this.channels, told.cursor)
    else handlers.onUnauthorized()
  }
}
