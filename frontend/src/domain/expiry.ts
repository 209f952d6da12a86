const DAY_MILLIS = 86_400_000

/** The instant `days` after `now` as the API writes times; 0 means never. */
export function expiryAfterDays(days: number, now: number): string | null {
  if (days <= 0) return null
  return new Date(now + days * DAY_MILLIS).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** An instant as a field for date and time takes it, by the clock of this browser. */
export function localInput(millis: number): string {
  const at = new Date(millis - new Date(millis).getTimezoneOffset() * 60_000)
  return at.toISOString().slice(0, 16)
}
