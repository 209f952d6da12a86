import { computed, onMounted, onUnmounted, type Ref, ref } from 'vue'
import { rowWindow } from '@/domain/window'

/** Lists shorter than this are drawn whole: the browser's own search finds everything in them. */
const WHOLE = 120

/** The part of a long table that is drawn, by how far its box is scrolled. All rows are of one height. */
export function useRowWindow(box: Readonly<Ref<HTMLElement | null>>, count: () => number, guess: number) {
  const scrolled = ref(0)
  const height = ref(900)
  const rowHeight = ref(guess)
  const long = computed(() => count() > WHOLE)
  const shown = computed(() => (long.value ? rowWindow(count(), rowHeight.value, scrolled.value, height.value) : { from: 0, to: count(), before: 0, after: 0 }))
  let frame = 0
  let resizing: ResizeObserver | null = null

  function measure(): void {
    frame = 0
    if (!box.value) return
    scrolled.value = box.value.scrollTop
    height.value = box.value.clientHeight || 900
    const row = box.value.querySelector('tbody tr:not([aria-hidden])')
    const own = row?.getBoundingClientRect().height ?? 0
    if (own > 0 && Math.abs(own - rowHeight.value) > 0.5) rowHeight.value = own
  }

  function later(): void {
    if (frame === 0) frame = requestAnimationFrame(measure)
  }

  onMounted(() => {
    box.value?.addEventListener('scroll', later, { passive: true })
    resizing = new ResizeObserver(later)
    if (box.value) resizing.observe(box.value)
  })
  onUnmounted(() => {
    resizing?.disconnect()
    if (frame !== 0) cancelAnimationFrame(frame)
  })
  return { shown, long }
}
