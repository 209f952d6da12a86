import { defineStore } from 'pinia'
import { ref } from 'vue'
import { EventBatcher } from '@/live/batch'
import { connectLive } from '@/live/connect'
import { cursorStore } from '@/live/cursor'
import { type WireEvent, parseObject } from '@/live/event'
import type { LinkState } from '@/live/transport'
import { useSessionStore } from './session'

export interface Subscription {
  /** None: whatever is followed is fine, and while nothing is, the list of batches is. */
  channels: readonly string[]
  onEvents(events: readonly WireEvent[]): void
  /** The stream speaks; unless `resumed`, events may have been missed before this moment. */
  onOpen(resumed: boolean): void
  /** The server cannot replay what was missed: read everything again. */
  onResync(): void
  /** How many notifications of the user are unread. */
  onUnread?(unread: number): void
}

/** Followed where only notifications are of interest: they come with any channel. */
const FALLBACK = ['batches']

/** Where all tabs are hidden, the connection is given back: browsers allow few per server over HTTP/1.1. */
const HIDDEN_MILLIS = 60_000

/** The live connection: one for all tabs, shared by whatever is on screen. */
export const useLiveStore = defineStore('live', () => {
  const state = ref<LinkState>('idle')
  const session = useSessionStore()
  const subscriptions = new Set<Subscription>()
  let changed = false
  let hidden: ReturnType<typeof setTimeout> | undefined

  const timer = { set: setTimeout.bind(globalThis), clear: (handle: unknown) => clearTimeout(handle as number) }
  const batcher = new EventBatcher(deliver, timer, () => performance.now())
  const transport = connectLive({
    token: () => session.token,
    cursors: cursorStore(sessionStorage, Date.now),
    handlers: {
      onOpen: (resumed) => subscriptions.forEach((subscription) => subscription.onOpen(resumed)),
      onFrame,
      onState: (next) => (state.value = next),
      onUnauthorized: () => session.expire(session.token),
    },
  })

  function onFrame(event: string, data: string): void {
    if (event === 'hello' || event === 'keepalive') return
    if (event === 'notification') return tellUnread(parseObject(data)?.unread)
    if (event !== 'resync') return batcher.push(data)
    batcher.flush()
    const channels = parseObject(data)?.channels
    const affected = (own: readonly string[]) => !Array.isArray(channels) || own.some((name) => channels.includes(name))
    for (const subscription of subscriptions) if (affected(subscription.channels)) subscription.onResync()
  }

  function tellUnread(unread: unknown): void {
    if (typeof unread === 'number') subscriptions.forEach((subscription) => subscription.onUnread?.(unread))
  }

  function deliver(events: readonly WireEvent[]): void {
    for (const subscription of subscriptions) {
      const own = events.filter((event) => subscription.channels.includes(event.channel))
      if (own.length > 0) subscription.onEvents(own)
    }
  }

  /** Follows channels until the returned function is called. */
  function subscribe(subscription: Subscription): () => void {
    subscriptions.add(subscription)
    plan()
    return () => {
      subscriptions.delete(subscription)
      plan()
    }
  }

  /** One page leaving and the next arriving is one change of connection, not two. */
  function plan(): void {
    if (changed) return
    changed = true
    setTimeout(() => {
      changed = false
      batcher.flush()
      const wanted = new Set([...subscriptions].flatMap((subscription) => subscription.channels))
      transport.follow(wanted.size > 0 || subscriptions.size === 0 ? [...wanted] : FALLBACK)
    })
  }

  /** Wakes the connection with the page; called once. */
  function watchPage(): void {
    addEventListener('online', () => transport.retryNow())
    addEventListener('pageshow', () => transport.retryNow())
    document.addEventListener('visibilitychange', () => {
      clearTimeout(hidden)
      if (document.hidden) hidden = setTimeout(() => transport.pause(), HIDDEN_MILLIS)
      else transport.retryNow()
    })
  }

  return { state, subscribe, watchPage, retryNow: () => transport.retryNow() }
})
