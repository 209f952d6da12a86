/** Which mails the stored rows ask for. */

export interface WishRow {
  project?: string | null | undefined
  event_type: string
  enabled: boolean
}

/** Kinds that are mailed only when somebody says so. */
const UNASKED: ReadonlySet<string> = new Set(['job_idle_flagged', 'batch_recovered'])

export interface Wish {
  wanted: boolean
  /** No row of its own: what counts for everything counts here. */
  inherited: boolean
}

export function mailsFor(rows: readonly WishRow[], kind: string, project: string | null): Wish {
  const own = rows.find((row) => row.event_type === kind && (row.project ?? null) === project)
  if (own) return { wanted: own.enabled, inherited: false }
  if (project !== null) return { ...mailsFor(rows, kind, null), inherited: true }
  return { wanted: !UNASKED.has(kind), inherited: true }
}

export function projectsOf(rows: readonly WishRow[]): string[] {
  return [...new Set(rows.map((row) => row.project).filter((project) => typeof project === 'string'))].sort()
}
