/** Lowest, highest and mean value of many curves at each position. */

export interface Track {
  /** Ascending. */
  xs: readonly number[]
  ys: readonly number[]
}

export interface Band {
  xs: readonly number[]
  low: readonly number[]
  high: readonly number[]
  mean: readonly number[]
}

/** Positions a band is computed at; a screen shows no more. */
const MOST = 400

/**
 * The band of curves whose points need not stand at the same positions: between two points a curve
 * counts with the value on the line between them, before its first and after its last not at all.
 */
export function bandOf(tracks: readonly Track[]): Band {
  const all = [...new Set(tracks.flatMap((track) => track.xs))].sort((a, b) => a - b)
  const step = Math.max(1, all.length / MOST)
  const xs: number[] = []
  for (let at = 0; at < all.length; at += step) xs.push(all[Math.floor(at)] ?? 0)
  const last = all.at(-1)
  if (last !== undefined && xs.at(-1) !== last) xs.push(last)
  const low = xs.map(() => Infinity)
  const high = xs.map(() => -Infinity)
  const sum = xs.map(() => 0)
  const count = xs.map(() => 0)
  for (const track of tracks) {
    let right = 0
    xs.forEach((x, i) => {
      while (right < track.xs.length && (track.xs[right] ?? 0) < x) right += 1
      const y = valueAt(track, right, x)
      if (y === null) return
      low[i] = Math.min(low[i] ?? y, y)
      high[i] = Math.max(high[i] ?? y, y)
      sum[i] = (sum[i] ?? 0) + y
      count[i] = (count[i] ?? 0) + 1
    })
  }
  const held = xs.map((_, i) => i).filter((i) => (count[i] ?? 0) > 0)
  const pick = (values: readonly number[]) => held.map((i) => values[i] ?? 0)
  return { xs: pick(xs), low: pick(low), high: pick(high), mean: held.map((i) => (sum[i] ?? 0) / (count[i] ?? 1)) }
}

function valueAt(track: Track, right: number, x: number): number | null {
  const x1 = track.xs[right]
  const y1 = track.ys[right]
  if (x1 === undefined || y1 === undefined) return null
  if (x1 === x) return y1
  const x0 = track.xs[right - 1]
  const y0 = track.ys[right - 1]
  if (x0 === undefined || y0 === undefined) return null
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
