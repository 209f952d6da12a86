/** What stands under a curve: the epoch, the moment it was reported, or the time since the first one. */
import type { Series } from './series'

export type XMode = 'epoch' | 'time' | 'relative'
export const X_MODES: readonly XMode[] = ['epoch', 'time', 'relative']

/** Positions of a curve's points; milliseconds for `time`, seconds for `relative`, null where unknown. */
export function positionsOf(series: Series, mode: XMode): readonly (number | null)[] {
  if (mode === 'epoch') return series.epochs
  const moments = series.stamps.map((stamp) => {
    const millis = Date.parse(stamp)
    return Number.isFinite(millis) ? millis : null
  })
  if (mode === 'time') return moments
  const known = moments.filter((millis) => millis !== null)
  const first = known.reduce((a, b) => Math.min(a, b), Infinity)
  return moments.map((millis) => (millis === null ? null : (millis - first) / 1000))
}

/** Whether the server left points out of what is held of a curve. */
export function isThinned(series: Series): boolean {
  const first = series.epochs[0]
  const last = series.epochs.at(-1)
  return first !== undefined && last !== undefined && last - first + 1 > series.epochs.length
}
