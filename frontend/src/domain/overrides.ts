/**
 * Settings changed for a rerun, typed as `key=value`, one a line, and the arguments an agent makes
 * of them. The agent decides by itself; this says beforehand what it will say.
 */

export interface Overrides {
  values: Readonly<Record<string, unknown>>
  /** The arguments, as the agent writes them. */
  args: readonly string[]
  /** Lines that no agent takes, counted from 1. */
  problems: readonly OverrideProblem[]
}

export interface OverrideProblem {
  line: number
  /** Locale key under `rerun.problem`. */
  why: 'form' | 'key' | 'value' | 'twice'
}

const KEY = /^[+~]{0,2}[A-Za-z0-9_][A-Za-z0-9_.@/+~-]*$/
const LONGEST_KEY = 256
const LONGEST_VALUE = 4096
const DEEPEST = 3

export function parseOverrides(text: string): Overrides {
  const values: Record<string, unknown> = {}
  const args: string[] = []
  const problems: OverrideProblem[] = []
  text.split('\n').forEach((raw, i) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return
    const at = line.indexOf('=')
    const key = at < 0 ? '' : line.slice(0, at).trim()
    const value = valueOf(line.slice(at + 1).trim())
    const written = writtenAs(value, 0)
    const why = at < 0 ? 'form' : !isKey(key) ? 'key' : key in values ? 'twice' : written === null || written.length > LONGEST_VALUE ? 'value' : null
    if (why) return void problems.push({ line: i + 1, why })
    values[key] = value
    args.push(`${key}=${written}`)
  })
  return { values, args, problems }
}

function isKey(key: string): boolean {
  return KEY.test(key) && key.length <= LONGEST_KEY
}

/** Numbers, truth values, null and lists are meant as such; anything else is text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    const quoted = /^'(.*)'$/.exec(text)
    return quoted ? quoted[1] : text
  }
}

/** As Hydra reads it back; null when nothing safe says it. */
function writtenAs(value: unknown, depth: number): string | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return writtenText(value)
  // A mapping could name a class to make.
  if (!Array.isArray(value) || depth >= DEEPEST) return null
  const items = value.map((item) => writtenAs(item, depth + 1))
  return items.includes(null) ? null : `[${items.join(',')}]`
}

const WORDS = new Set(['true', 'false', 'null', 'none', 'nan', 'inf', 'infinity', 'yes', 'no', 'on', 'off'])

function writtenText(text: string): string | null {
  // `${…}` would be a reference, which can read the environment.
  if (text.includes('${') || /\p{Cc}/u.test(text)) return null
  if (/^[A-Za-z/][A-Za-z0-9_./:-]*$/.test(text) && !WORDS.has(text.toLowerCase())) return text
  const inner = text.replaceAll(/(\\*)'/g, "$1$1\\'").replace(/(\\+)$/, '$1$1')
  return `'${inner}'`
}

/** Words of a command line as a shell would need them, for reading and copying. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}
