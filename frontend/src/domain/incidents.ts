/** What happened around a job, on one axis of time. */
import { instant } from './duration'

export const LANES = ['run', 'epochs', 'errors', 'rails', 'problems', 'actions'] as const
export type Lane = (typeof LANES)[number]

const LANE_OF: Readonly<Record<string, Lane>> = {
  job_start: 'run',
  job_end: 'run',
  stop_requested: 'run',
  log_error: 'errors',
  diverged: 'rails',
  idle: 'rails',
  host_problem: 'problems',
  host_action: 'actions',
}

interface Happening {
  ts: string
  kind: string
  severity: string
}

export interface Mark {
  /** Place in the list it belongs to; -1 for an epoch. */
  index: number
  lane: Lane
  /** Of 1, from the start of the axis. */
  at: number
  severity: string
}

export interface IncidentAxis {
  start: number
  end: number
  lanes: readonly { lane: Lane; marks: readonly Mark[] }[]
}

/** Epochs drawn as ticks; more would be a bar. */
const TICKS = 120

/** Null when nothing has a time. */
export function incidentAxis(items: readonly Happening[], epochs: readonly string[]): IncidentAxis | null {
  const step = Math.max(1, Math.ceil(epochs.length / TICKS))
  const ticks = epochs.filter((_, i) => i % step === 0 || i === epochs.length - 1)
  const times = [...items.map(({ ts }) => instant(ts)), ...ticks.map(instant)].filter((at) => at !== null)
  if (times.length === 0) return null
  const start = Math.min(...times)
  const span = Math.max(1_000, Math.max(...times) - start)
  const place = (ts: string) => ((instant(ts) ?? start) - start) / span
  const marks: Mark[] = [
    ...items.map(({ ts, kind, severity }, index) => ({ index, lane: LANE_OF[kind] ?? 'run', at: place(ts), severity })),
    ...ticks.map((ts) => ({ index: -1, lane: 'epochs' as const, at: place(ts), severity: 'info' })),
  ]
  const lanes = LANES.map((lane) => ({ lane, marks: marks.filter((mark) => mark.lane === lane) })).filter((row) => row.marks.length > 0)
  return { start, end: start + span, lanes }
}
