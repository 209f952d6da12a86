import { ref, shallowRef } from 'vue'
import { type ApiError, asApiError } from '@/api/errors'
import type { WireEvent } from '@/live/event'
import { reduce } from '@/live/reducer'
import { type Snapshot, withSnapshot } from '@/live/snapshot'
import { EMPTY_VIEW, type RunView } from '@/live/view'
import { useLiveStore } from './live'

/** How long to wait for the stream before reading without it. */
const STREAM_MILLIS = 600
const RETRY_MILLIS = 3_000

export interface RunSource {
  channel: string
  read(signal: AbortSignal): Promise<Snapshot>
}

/**
 * A view fed by one reading and the events after it. Reading starts once the stream speaks, and
 * events that arrive meanwhile are applied on top, so there is no moment that neither covers.
 */
export function runView() {
  const live = useLiveStore()
  const view = shallowRef<RunView>(EMPTY_VIEW)
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const error = shallowRef<ApiError | null>(null)
  let source: RunSource | null = null
  let unsubscribe: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let reading: AbortController | null = null
  let waiting: WireEvent[] = []
  let wasRead = false

  function open(next: RunSource): void {
    close()
    source = next
    unsubscribe = live.subscribe({
      channels: [next.channel],
      onEvents,
      onOpen: (resumed) => {
        if (!resumed || !wasRead) void read()
      },
      onResync: () => void read(),
    })
    timer = setTimeout(() => void read(), STREAM_MILLIS)
  }

  function close(): void {
    unsubscribe?.()
    reading?.abort()
    clearTimeout(timer)
    unsubscribe = reading = source = null
    waiting = []
    wasRead = false
    view.value = EMPTY_VIEW
    state.value = 'loading'
    error.value = null
  }

  function onEvents(events: readonly WireEvent[]): void {
    if (reading) waiting.push(...events)
    else view.value = reduce(view.value, events)
  }

  async function read(): Promise<void> {
    const from = source
    if (!from) return
    clearTimeout(timer)
    reading?.abort()
    const own = (reading = new AbortController())
    wasRead = true
    try {
      const snapshot = await from.read(own.signal)
      if (reading !== own) return
      view.value = withSnapshot(view.value, snapshot)
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      if (reading !== own) return
      failed(asApiError(thrown))
    }
    reading = null
    view.value = reduce(view.value, waiting.splice(0))
  }

  function failed(cause: ApiError): void {
    const transient = cause.status === 0 || cause.status === 429 || cause.status >= 500
    if (transient) timer = setTimeout(() => void read(), RETRY_MILLIS)
    // What is on screen stays there while the next attempt is made.
    if (state.value === 'ready' && transient) return
    state.value = 'failed'
    error.value = cause
  }

  function patch(change: (view: RunView) => RunView): void {
    view.value = change(view.value)
  }

  return { view, state, error, open, close, read, patch }
}
