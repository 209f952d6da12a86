import { onMounted, onUnmounted } from 'vue'
import { useRouter } from 'vue-router'
import { usePaletteStore } from '@/stores/palette'
import { inField } from './useListKeys'

/** The second key after `g`. */
export const PLACES: Readonly<Record<string, string>> = { d: 'dashboard', p: 'projects', b: 'batches', j: 'jobs', s: 'studies', h: 'hosts' }
/** How long `g` waits for the second key. */
const WAIT_MILLIS = 1_200

/** Keys that work on every page: Ctrl-K or `.` for the palette, `?` for the sheet, `g` and a letter for a page. */
export function useAppKeys() {
  const router = useRouter()
  const store = usePaletteStore()
  let leader = -Infinity

  function onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      store.open = !store.open
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return
    const place = event.timeStamp - leader < WAIT_MILLIS ? PLACES[event.key] : undefined
    leader = event.key === 'g' ? event.timeStamp : -Infinity
    if (place) {
      event.preventDefault()
      // Lists have keys of their own, of which some are the same letters.
      event.stopImmediatePropagation()
      void router.push({ name: place })
    } else if (event.key === '.') store.open = true
    else if (event.key === '?') store.help = true
  }

  onMounted(() => document.addEventListener('keydown', onKey, { capture: true }))
  onUnmounted(() => document.removeEventListener('keydown', onKey, { capture: true }))
}
