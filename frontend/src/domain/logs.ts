/**
 * The tail of a log, joined from a snapshot by GET and live events.
 *
 * Snapshot lines of a batch carry no event id, so lines are matched by content and counted: a
 * line shows as often as the source that knows it most often, and repeats in a log survive.
 */

export interface LogLine {
  readonly ts: string
  readonly job_id: string | null
  readonly level: string
  readonly line: string
  /** Stable within one tail; key of the row. */
  readonly key: string
}

export interface LogTail {
  readonly lines: readonly LogLine[]
  readonly fromSnapshot: ReadonlyMap<string, number>
  readonly fromLive: ReadonlyMap<string, number>
}

export type RawLine = Omit<LogLine, 'key'>

export const EMPTY_TAIL: LogTail = { lines: [], fromSnapshot: new Map(), fromLive: new Map() }

/** Lines kept in memory. */
export const TAIL_LINES = 2_000

/** `tail` with a snapshot (oldest first) joined in. */
export function joinSnapshot(tail: LogTail, snapshot: readonly RawLine[]): LogTail {
  const fromSnapshot = new Map<string, number>()
  const lines: LogLine[] = []
  for (const given of snapshot) {
    const raw = { ...given, level: given.level.toLowerCase() }
    const content = contentOf(raw)
    const count = (fromSnapshot.get(content) ?? 0) + 1
    fromSnapshot.set(content, count)
    lines.push({ ...raw, key: `${content}#${count}` })
  }
  const surplus = tail.lines.filter((line) => !covered(line, fromSnapshot))
  return finish([...lines, ...surplus], fromSnapshot, tail.fromLive)
}

/** `tail` with live lines joined in. */
export function joinLive(tail: LogTail, added: readonly RawLine[]): LogTail {
  if (added.length === 0) return tail
  const fromLive = new Map(tail.fromLive)
  const fresh: LogLine[] = []
  for (const given of added) {
    const raw = { ...given, level: given.level.toLowerCase() }
    const content = contentOf(raw)
    const count = (fromLive.get(content) ?? 0) + 1
    fromLive.set(content, count)
    if (count > (tail.fromSnapshot.get(content) ?? 0)) fresh.push({ ...raw, key: `${content}#${count}` })
  }
  return finish([...tail.lines, ...fresh], tail.fromSnapshot, fromLive)
}

const RANK: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, warning: 2, error: 3, critical: 3, fatal: 3 }

export function levelRank(level: string): number {
  return RANK[level.toLowerCase()] ?? 1
}

/** Lines of `job` (null: all) from level `minimum` on that contain `words`, whatever their case. */
export function filterLines(lines: readonly LogLine[], job: string | null, minimum: number, words = ''): LogLine[] {
  const wanted = words.trim().toLowerCase()
  return lines.filter(
    (line) => (job === null || line.job_id === job) && levelRank(line.level) >= minimum && (wanted === '' || line.line.toLowerCase().includes(wanted)),
  )
}

function contentOf(line: RawLine): string {
  return `${line.ts}|${line.job_id ?? ''}|${line.level}|${line.line}`
}

function covered(line: LogLine, counts: ReadonlyMap<string, number>): boolean {
  const nth = Number(line.key.slice(line.key.lastIndexOf('#') + 1))
  return nth <= (counts.get(contentOf(line)) ?? 0)
}

function finish(
  lines: LogLine[],
  fromSnapshot: ReadonlyMap<string, number>,
  fromLive: ReadonlyMap<string, number>,
): LogTail {
  const ordered = lines.every((line, i) => i === 0 || (lines[i - 1]?.ts ?? '') <= line.ts)
  if (!ordered) lines.sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0))
  return { lines: lines.slice(-TAIL_LINES), fromSnapshot, fromLive }
}
