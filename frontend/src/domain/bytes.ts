const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** A size in the largest unit that keeps it at 1 or more, rounded to what matters. */
export function scaledBytes(bytes: number): { value: number; unit: string } {
  let value = Math.max(0, bytes)
  let step = 0
  while (value >= 1024 && step < UNITS.length - 1) {
    value /= 1024
    step += 1
  }
  return { value: Number(value.toFixed(value < 10 && step > 0 ? 1 : 0)), unit: UNITS[step] ?? 'B' }
}
