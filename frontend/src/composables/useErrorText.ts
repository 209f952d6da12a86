import { useI18n } from 'vue-i18n'
import type { ApiError } from '@/api/errors'

/** Words for failures: ours where we know the code, else the server's, which are translated too. */
export function useErrorText() {
  const { t, te, n } = useI18n()

  function textOf(error: ApiError): string {
    const minutes = Math.max(1, Math.ceil((error.retryAfterSecs ?? 60) / 60))
    const key = `error.code.${error.code}`
    if (te(key)) return t(key, { minutes: n(minutes), seconds: n(error.retryAfterSecs ?? 1) }, minutes)
    return error.detail ?? t('error.unknown', { status: error.status })
  }

  return { textOf }
}
