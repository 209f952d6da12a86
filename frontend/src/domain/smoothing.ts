/** Exponential smoothing that is unbiased at the start and leaves gaps as gaps. */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values]
  let mean = 0
  let count = 0
  return values.map((value) => {
    if (value === null) return null
    count += 1
    mean = mean * weight + value * (1 - weight)
    return mean / (1 - weight ** count)
  })
}
