/** What the status words of batches and jobs mean on screen. */

export type Tone = 'running' | 'done' | 'failed' | 'warn' | 'pending'

const TONES: Readonly<Record<string, Tone>> = {
  running: 'running',
  in_progress: 'running',
  done: 'done',
  stopped: 'done',
  cancelled: 'done',
  failed: 'failed',
  stalled: 'warn',
  stopping: 'warn',
  divergent: 'warn',
  pending: 'pending',
  requested: 'pending',
}

/** Words with a translation of their own. */
export const KNOWN_STATUSES: readonly string[] = Object.keys(TONES)

const ENDED: ReadonlySet<string> = new Set(['done', 'failed', 'stopped', 'cancelled'])
const UNTOUCHED_BY_STOP: ReadonlySet<string> = new Set([...ENDED, 'stopping'])
const WOKEN_BY_ACTIVITY: ReadonlySet<string> = new Set(['stalled', 'requested', 'pending'])
const ACTIVITY: ReadonlySet<string> = new Set([
  'job_start',
  'job_epoch',
  'job_done',
  'job_failed',
  'log_line',
  'resource_snapshot',
])

export function word(status: string | null | undefined): string {
  return (status ?? '').toLowerCase() || 'pending'
}

/** Unknown words are calm: reporters may invent job statuses. */
export function toneOf(status: string | null | undefined): Tone {
  return TONES[word(status)] ?? 'done'
}

export function hasEnded(status: string | null | undefined): boolean {
  return ENDED.has(word(status))
}

/** Whether a run's results may be called best or worst: it came to its end by itself or was told to stop in order. */
export function mayCompete(status: string | null | undefined): boolean {
  return word(status) === 'done' || word(status) === 'stopped'
}

export function canStop(status: string | null | undefined): boolean {
  return !UNTOUCHED_BY_STOP.has(word(status))
}

/** The server's rules for what events do to a batch, applied at once instead of asking again. */
export function batchStatusAfter(
  status: string | null | undefined,
  kind: string,
  data: Readonly<Record<string, unknown>> = {},
): string {
  const now = word(status)
  switch (kind) {
    case 'batch_start':
      return now === 'done' ? 'done' : 'running'
    case 'batch_done':
      return word(typeof data.status === 'string' ? data.status : null) === 'stopped' ? 'stopped' : 'done'
    case 'batch_failed':
      return 'failed'
    case 'batch_stopped':
      return 'stopped'
    case 'rerun_started':
      return now === 'requested' ? 'running' : now
    case 'batch_stop_requested':
      return canStop(now) ? 'stopping' : now
  }
  // A diverged run has recovered once it reports a finite loss again, not before.
  if (now === 'divergent') return kind === 'job_start' || Number.isFinite(data.val_loss) ? 'running' : now
  return WOKEN_BY_ACTIVITY.has(now) && ACTIVITY.has(kind) ? 'running' : now
}
