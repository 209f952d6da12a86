/** Sorting of table rows: numbers by size, words naturally, absent values always last. */

export type SortKey = number | string | null | undefined
export interface SortState {
  column: string
  descending: boolean
}

const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export function sortRows<T>(rows: readonly T[], keyOf: (row: T) => SortKey, descending: boolean): T[] {
  const sign = descending ? -1 : 1
  return [...rows].sort((left, right) => {
    const a = keyOf(left)
    const b = keyOf(right)
    const missing = Number(isMissing(a)) - Number(isMissing(b))
    if (missing !== 0 || isMissing(a)) return missing
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * natural.compare(String(a), String(b))
  })
}

/** What a click on a column's header makes of the current order; the third click removes it. */
export function nextSort(current: SortState | null, column: string): SortState | null {
  if (current?.column !== column) return { column, descending: false }
  return current.descending ? null : { column, descending: true }
}

function isMissing(key: SortKey): key is null | undefined {
  return key === null || key === undefined
}
