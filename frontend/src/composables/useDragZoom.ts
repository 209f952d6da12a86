import { onMounted, onUnmounted, type Ref, ref } from 'vue'

/** A shorter way is a click. */
const LEAST_PIXELS = 6

/** What the mouse draws over on a chart. Fingers scroll and pinch instead; Shift moves. */
export function useDragZoom(host: Readonly<Ref<HTMLElement | null>>, zoom: (from: number, to: number) => void) {
  const selected = ref<{ from: number; to: number } | null>(null)
  let start: number | null = null

  function place(event: PointerEvent): number {
    const box = host.value?.getBoundingClientRect()
    return box ? Math.min(box.width, Math.max(0, event.clientX - box.left)) : 0
  }

  function onDown(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button === 0 && !event.shiftKey) start = place(event)
  }

  function onMove(event: PointerEvent): void {
    if (start === null) return
    const [from, to] = [Math.min(start, place(event)), Math.max(start, place(event))]
    selected.value = to - from < LEAST_PIXELS ? null : { from, to }
  }

  function onUp(): void {
    const range = selected.value
    start = null
    selected.value = null
    if (range) zoom(range.from, range.to)
  }

  onMounted(() => {
    host.value?.addEventListener('pointerdown', onDown)
    addEventListener('pointermove', onMove)
    addEventListener('pointerup', onUp)
  })
  onUnmounted(() => {
    removeEventListener('pointermove', onMove)
    removeEventListener('pointerup', onUp)
  })
  return selected
}
