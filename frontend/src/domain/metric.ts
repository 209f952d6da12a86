/** Numbers as training reports them: finite, absent, or one of three that JSON cannot say. */

export type NonFinite = 'NaN' | 'Infinity' | '-Infinity'
export type Metric = number | NonFinite | null

const NON_FINITE: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity'])

export function isNonFinite(value: unknown): value is NonFinite {
  return typeof value === 'string' && NON_FINITE.has(value)
}

/** A metric out of untrusted JSON; `undefined` when the value is no number at all. */
export function toMetric(raw: unknown): Metric | undefined {
  if (raw === null) return null
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : (String(raw) as NonFinite)
  return isNonFinite(raw) ? raw : undefined
}

/** What a chart may draw: everything else is a gap. */
export function plottable(value: Metric | undefined): number | null {
  return typeof value === 'number' ? value : null
}

/** Four significant digits, exponents for the very small and very large. */
export function formatMetric(value: Metric | undefined): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string') return value
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-3 || size >= 1e6) return trimExponent(value.toExponential(3))
  if (Number.isInteger(value)) return String(value)
  return trimZeros(value.toPrecision(size >= 1e4 ? 6 : 4))
}

function trimExponent(text: string): string {
  const [digits = '', exponent = ''] = text.split('e')
  return `${trimZeros(digits)}e${exponent.replace('+', '')}`
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
