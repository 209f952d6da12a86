/** What a watchdog reported, read out of records whose particulars the host chose. */

export interface RawRecord {
  id: string
  kind: string
  ts: string
  data: unknown
}

export type Gravity = 'critical' | 'warning' | 'info'

export interface Problem {
  id: string
  ts: string
  severity: Gravity
  type: string
  description: string
  /** What was done about it, `restart_service:nginx`. */
  taken: string | null
  result: string | null
  /** Runs at work at that moment. */
  runs: readonly string[]
}

export interface Deed {
  id: string
  ts: string
  action: string
  target: string
  reason: string | null
  /** `done`, `dry_run`, `refused` or `failed`. */
  verdict: string
  result: string | null
  /** `recovered`, `escalated`, or null while it is not known. */
  recovery: string | null
  job: { batchId: string; jobId: string } | null
}

export interface Ask {
  id: string
  ts: string
  action: string
  target: string
  digest: string
  reason: string | null
  expiresAt: string | null
}

export function problemOf({ id, ts, data }: RawRecord): Problem {
  const row = recordOf(data)
  const runs = Array.isArray(row.runs) ? row.runs.map((run) => text(recordOf(run).batch_id) ?? text(run)).filter((run) => run !== null) : []
  return {
    id, ts, runs,
    severity: gravityOf(row.severity),
    type: text(row.type) ?? '',
    description: text(row.description) ?? '',
    taken: text(row.action_taken),
    result: text(row.action_result),
  }
}

export function deedOf({ id, ts, data }: RawRecord): Deed {
  const row = recordOf(data)
  const job = recordOf(row.job)
  const [batchId, jobId] = [text(job.batch_id), text(job.job_id)]
  return {
    id, ts,
    action: text(row.action) ?? '',
    target: text(row.target) ?? '',
    reason: text(row.reason),
    verdict: text(row.verdict) ?? '',
    result: text(row.result),
    recovery: text(row.recovery),
    job: batchId && jobId ? { batchId, jobId } : null,
  }
}

export function askOf({ id, ts, data }: RawRecord): Ask {
  const row = recordOf(data)
  return { id, ts, action: text(row.action) ?? '', target: text(row.target) ?? '', digest: text(row.digest) ?? '', reason: text(row.reason), expiresAt: text(row.expires_at) }
}

interface Approval {
  digest: string
}

/** What a watchdog still waits for somebody's word on. */
export function openAsks(records: readonly RawRecord[], approvals: readonly Approval[], now: number): Ask[] {
  const answered = new Set(approvals.map((approval) => approval.digest))
  const seen = new Set<string>()
  return records
    .filter((record) => record.kind === 'ask')
    .map(askOf)
    .filter((ask) => {
      const over = ask.expiresAt !== null && Date.parse(ask.expiresAt) <= now
      const known = seen.has(ask.digest)
      seen.add(ask.digest)
      return ask.digest !== '' && !over && !known && !answered.has(ask.digest)
    })
}

export interface Slot {
  /** Milliseconds of its start. */
  at: number
  critical: number
  warning: number
  info: number
}

/** How many problems fell into each of `count` equal parts of `span` until `now`, oldest first. */
export function troubleSlots(problems: readonly Problem[], now: number, span: number, count: number): Slot[] {
  const width = span / count
  const slots = Array.from({ length: count }, (_, i): Slot => ({ at: now - span + i * width, critical: 0, warning: 0, info: 0 }))
  for (const { ts, severity } of problems) {
    const slot = slots[Math.min(count - 1, Math.floor((Date.parse(ts) - (now - span)) / width))]
    if (slot) slot[severity] += 1
  }
  return slots
}

export interface Pattern {
  type: string
  count: number
  last: string
}

/** Kinds of problems by how often they came. */
export function patternsOf(problems: readonly Problem[]): Pattern[] {
  const found = new Map<string, Pattern>()
  for (const { type, ts } of problems) {
    const known = found.get(type)
    found.set(type, { type, count: (known?.count ?? 0) + 1, last: known && known.last > ts ? known.last : ts })
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.type.localeCompare(b.type))
}

/** Of the actions that were carried out and whose end is known: how many made the host well again. */
export function recoveryOf(deeds: readonly Deed[]): { known: number; recovered: number } {
  const known = deeds.filter((deed) => deed.verdict === 'done' && deed.recovery !== null)
  return { known: known.length, recovered: known.filter((deed) => deed.recovery === 'recovered').length }
}

interface Dog {
  online: boolean
  last_problem?: { ts: string; severity: string } | null | undefined
}

/** Whether a host deserves a look: its watchdog is silent, or told of trouble within `span`. */
export function isTroubled(dog: Dog, now: number, span: number): boolean {
  const { online, last_problem: last } = dog
  return !online || (last !== null && last !== undefined && gravityOf(last.severity) !== 'info' && now - Date.parse(last.ts) < span)
}

export function gravityOf(word: unknown): Gravity {
  return word === 'critical' || word === 'warning' ? word : 'info'
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
