/** Where live events come from. The stream is one source; tests hand in another. */

export type LinkState =
  /** Nothing is subscribed. */
  | 'idle'
  | 'connecting'
  | 'live'
  /** Lost, trying again. */
  | 'reconnecting'
  /** The page is hidden; the stream was given back and resumes where it ended. */
  | 'paused'
  /** The server said no; trying again would not help. */
  | 'refused'

export interface Handlers {
  /** Connected; `resumed` when everything since the last frame will be replayed. */
  onOpen(resumed: boolean): void
  onFrame(event: string, data: string): void
  onState(state: LinkState): void
  /** The credential was not accepted. */
  onUnauthorized(): void
}

export interface Transport {
  /** Follows exactly these channels from now on; an empty list closes the connection. */
  follow(channels: readonly string[]): void
  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void
  /** Gives the connection back while nobody looks; `retryNow` resumes. */
  pause(): void
  /** Forgets the position: the next connection starts at the present. */
  restart(): void
  close(): void
}
