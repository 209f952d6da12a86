import { useI18n } from 'vue-i18n'
import { scaledBytes } from '@/domain/bytes'

/** Numbers in the reader's language. */
export function useNumberText() {
  const { n } = useI18n()

  function bytes(count: number | null | undefined): string {
    if (count === null || count === undefined) return '–'
    const { value, unit } = scaledBytes(count)
    return `${n(value)} ${unit}`
  }

  function megabytes(count: number | null | undefined): string {
    return bytes(typeof count === 'number' ? count * 1024 * 1024 : count)
  }

  /** `share` of 1 as a percentage. */
  function percent(share: number | null | undefined, digits = 0): string {
    if (share === null || share === undefined) return '–'
    return `${n(Number((share * 100).toFixed(digits)))} %`
  }

  /** US dollars, exact where they are many and honest where they are next to nothing. */
  function dollars(amount: number): string {
    const least = 0.0001
    const text = (value: number) => `$${n(value, { maximumFractionDigits: value < 1 ? 4 : 2 })}`
    return amount > 0 && amount < least ? `< ${text(least)}` : text(amount)
  }

  function count(value: number | null | undefined, digits = 0): string {
    return value === null || value === undefined ? '–' : n(Number(value.toFixed(digits)))
  }

  return { bytes, megabytes, percent, count, dollars }
}
