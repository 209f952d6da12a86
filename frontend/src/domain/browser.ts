/** A short name for a user agent: enough to recognise one's own browsers in a list. */
export function browserOf(userAgent: string | null | undefined): string | null {
  const agent = userAgent ?? ''
  const browser = [
    ['Edge', /Edg\//],
    ['Firefox', /Firefox\//],
    ['Chrome', /Chrome\//],
    ['Safari', /Safari\//],
  ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0]
  const system = [
    ['Windows', /Windows/],
    ['Android', /Android/],
    ['iOS', /iPhone|iPad/],
    ['macOS', /Mac OS X/],
    ['Linux', /Linux/],
  ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0]
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 60) || null
}
