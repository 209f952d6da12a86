import { useI18n } from 'vue-i18n'
import { formatDuration, instant } from '@/domain/duration'

/** Times and durations in the reader's language and zone. */
export function useTimeText() {
  const { t, locale } = useI18n()

  function duration(secs: number | null | undefined): string {
    if (secs === null || secs === undefined) return '–'
    return formatDuration(secs, { d: t('unit.d'), h: t('unit.h'), m: t('unit.m'), s: t('unit.s') })
  }

  function moment(text: string | null | undefined): string {
    const millis = instant(text)
    if (millis === null) return text || '–'
    return formats(locale.value).moment.format(millis)
  }

  function clock(text: string): string {
    const millis = instant(text)
    return millis === null ? text : formats(locale.value).clock.format(millis)
  }

  function ago(text: string | null | undefined, now: number): string {
    const millis = instant(text)
    if (millis === null) return '–'
    const secs = Math.max(0, Math.round((now - millis) / 1000))
    if (secs < 5) return t('time.justNow')
    const format = formats(locale.value).ago
    if (secs < 60) return format.format(-secs, 'second')
    if (secs < 3_600) return format.format(-Math.floor(secs / 60), 'minute')
    if (secs < 86_400) return format.format(-Math.floor(secs / 3_600), 'hour')
    return format.format(-Math.floor(secs / 86_400), 'day')
  }

  return { duration, moment, clock, ago }
}

interface Formats {
  moment: Intl.DateTimeFormat
  clock: Intl.DateTimeFormat
  ago: Intl.RelativeTimeFormat
}

const known = new Map<string, Formats>()

/** Making a formatter costs more than a hundred uses of it. */
function formats(locale: string): Formats {
  let made = known.get(locale)
  if (!made) {
    made = {
      moment: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }),
      clock: new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hourCycle: 'h23' }),
      ago: new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' }),
    }
    known.set(locale, made)
  }
  return made
}
