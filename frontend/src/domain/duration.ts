/** Lengths of time for people. */

export interface DurationWords {
  d: string
  h: string
  m: string
  s: string
}

/** The two largest units that matter: `2d 3h`, `1h 04m`, `4m 12s`, `0s`. */
export function formatDuration(secs: number, words: DurationWords): string {
  const total = Math.max(0, Math.floor(secs))
  const d = Math.floor(total / 86_400)
  const h = Math.floor((total % 86_400) / 3_600)
  const m = Math.floor((total % 3_600) / 60)
  const s = total % 60
  if (d > 0) return h > 0 ? `${d}${words.d} ${h}${words.h}` : `${d}${words.d}`
  if (h > 0) return `${h}${words.h} ${padded(m)}${words.m}`
  if (m > 0) return `${m}${words.m} ${padded(s)}${words.s}`
  return `${s}${words.s}`
}

/** Milliseconds of an RFC 3339 instant, or null. */
export function instant(text: string | null | undefined): number | null {
  if (!text) return null
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? null : millis
}

/** Seconds from `start` to `end`, or to `now` while there is no end. */
export function elapsedSecs(
  start: string | null | undefined,
  end: string | null | undefined,
  now: number,
): number | null {
  const from = instant(start)
  if (from === null) return null
  return Math.max(0, ((instant(end) ?? now) - from) / 1000)
}

function padded(value: number): string {
  return String(value).padStart(2, '0')
}
