import { ref, shallowRef } from 'vue'
import { type ApiError, asApiError } from '@/api/errors'
import { useToastStore } from '@/stores/toasts'
import { useErrorText } from './useErrorText'

/** One button's work: busy while it runs, a word when it is done, the failure when it is not. */
export function useAction(options: { quiet?: boolean } = {}) {
  const toasts = useToastStore()
  const { textOf } = useErrorText()
  const busy = ref(false)
  const error = shallowRef<ApiError | null>(null)

  /** Whether `work` succeeded. A quiet action leaves showing the failure to its form. */
  async function run(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    busy.value = true
    error.value = null
    try {
      await work()
      if (done) toasts.show('good', done)
      return true
    } catch (thrown) {
      error.value = asApiError(thrown)
      if (!options.quiet) toasts.show('bad', textOf(error.value))
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, error, run }
}
