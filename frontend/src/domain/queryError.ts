/** Where a query went wrong: the character, counted from 0, out of the server's words for it. */
export function queryErrorAt(detail: string | null, query: string): number | null {
  const found = /\d+/.exec(detail ?? '')
  if (!found) return null
  return Math.min(Math.max(0, Number(found[0]) - 1), [...query].length)
}

/** The query around that character, for marking it. */
export function splitAt(query: string, at: number): [before: string, mark: string, after: string] {
  const characters = [...query]
  return [characters.slice(0, at).join(''), characters[at] ?? '␣', characters.slice(at + 1).join('')]
}

/** A query takes this many terms, and no more characters than an address bears. */
const MOST_TERMS = 24

/** A query for whatever has one of `values` in `field`. */
export function anyOf(field: string, values: readonly string[]): string {
  return values.slice(0, MOST_TERMS).map((value) => `${field}="${value.replaceAll(/["\\]/g, '\\$&')}"`).join(' OR ')
}

/** Fields the query language knows, for completing words. */
export const QUERY_FIELDS = [
  'status', 'project', 'name', 'id', 'host', 'user', 'owner', 'tag', 'command', 'commit', 'type', 'error', 'notes', 'job', 'model', 'dataset', 'n_total',
  'n_done', 'n_failed', 'elapsed', 'start', 'end', 'last',
]
