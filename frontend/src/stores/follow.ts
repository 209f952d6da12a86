import type { WireEvent } from '@/live/event'
import { useLiveStore } from './live'

/** How long to wait for the stream before reading without it. */
const STREAM_MILLIS = 600
/** Readings after events are at least this far apart. */
const PAUSE_MILLIS = 1_500

const SUMMARIES: ReadonlySet<string> = new Set([
  'batch_start', 'batch_done', 'batch_failed', 'batch_stop_requested', 'stop_signalled', 'batch_stopped', 'rerun_requested', 'rerun_started', 'job_start', 'job_done', 'job_failed',
])

/** Events that change what summaries show; epochs, logs and gauges do not. */
export function changesSummaries(event: WireEvent): boolean {
  return SUMMARIES.has(event.event_type)
}

/** Agents and watchdogs came, went, or have something to say. */
export function changesDaemons(event: WireEvent): boolean {
  return event.event_type === 'agents_changed' || event.event_type === 'host_changed'
}

/**
 * Keeps something read by GET current: it is read when the stream speaks, and again soon after
 * events that concern it. Nothing is read on a timer.
 */
export function follow(load: () => Promise<void>, concerns: (event: WireEvent) => boolean, onEvents?: (events: readonly WireEvent[]) => void) {
  const live = useLiveStore()
  let unsubscribe: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let readAt = 0

  function open(channels: readonly string[] = ['batches']): void {
    close()
    unsubscribe = live.subscribe({
      channels,
      onEvents: (events) => {
        onEvents?.(events)
        if (events.some(concerns)) soon()
      },
      onOpen: now,
      onResync: now,
    })
    timer = setTimeout(now, STREAM_MILLIS)
  }

  function close(): void {
    unsubscribe?.()
    unsubscribe = null
    clearTimeout(timer)
    timer = undefined
  }

  function soon(): void {
    timer ??= setTimeout(now, Math.max(150, readAt + PAUSE_MILLIS - Date.now()))
  }

  function now(): void {
    clearTimeout(timer)
    timer = undefined
    readAt = Date.now()
    void load()
  }

  return { open, close }
}
