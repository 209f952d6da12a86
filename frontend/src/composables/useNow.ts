import { onScopeDispose, ref } from 'vue'

/** The present, in milliseconds, moving once a second while the page is visible. */
export function useNow() {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    if (!document.hidden) now.value = Date.now()
  }, 1_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
