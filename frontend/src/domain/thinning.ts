/**
 * Fewer points of the same picture: of each bucket the lowest and highest value stay, and one
 * gap if there is any, so that neither spikes nor breaks disappear. Ends always stay.
 */
export function thin(values: readonly (number | null)[], most: number): number[] {
  const all = values.map((_, i) => i)
  if (values.length <= most || most < 4) return all
  const buckets = Math.floor(most / 3)
  const keep = new Set([0, values.length - 1])
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * values.length) / buckets)
    const to = Math.floor(((bucket + 1) * values.length) / buckets)
    let low = -1
    let high = -1
    let gap = -1
    for (let i = from; i < to; i += 1) {
      const value = values[i] ?? null
      if (value === null) gap = i
      else {
        if (low < 0 || value < (values[low] ?? 0)) low = i
        if (high < 0 || value > (values[high] ?? 0)) high = i
      }
    }
    for (const i of [low, high, gap]) if (i >= 0) keep.add(i)
  }
  return [...keep].sort((a, b) => a - b)
}
