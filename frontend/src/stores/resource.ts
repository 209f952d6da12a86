import { ref, shallowRef } from 'vue'
import { type ApiError, asApiError } from '@/api/errors'

export type ReadState = 'loading' | 'ready' | 'failed'

/** One thing read from the server: what is on screen stays there while it is read again. */
export function resource<T>(read: () => Promise<T>) {
  const data = shallowRef<T | null>(null)
  const state = ref<ReadState>('loading')
  const error = shallowRef<ApiError | null>(null)
  let reads = 0

  async function load(): Promise<void> {
    const own = ++reads
    try {
      const found = await read()
      if (own !== reads) return
      data.value = found
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      const failure = asApiError(thrown)
      if (own !== reads) return
      error.value = failure
      const transient = failure.status === 0 || failure.status === 429 || failure.status >= 500
      if (data.value === null || !transient) state.value = 'failed'
    }
  }

  /** Forgets everything, so that the next page does not show the last one's. */
  function clear(): void {
    reads += 1
    data.value = null
    state.value = 'loading'
    error.value = null
  }

  return { data, state, error, load, clear }
}
