/** The first instant of a local day (`2026-03-01`), `later` days after it; null for no day. */
export function dayInstant(day: string, later: number): string | null {
  const [year, month, date] = day.split('-').map(Number)
  if (!year || !month || !date) return null
  return new Date(year, month - 1, date + later).toISOString().replace(/\.\d+Z$/, 'Z')
}
