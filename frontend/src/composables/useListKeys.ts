import { onMounted, onUnmounted, ref } from 'vue'

export interface ListActions {
  length(): number
  open(index: number): void
  toggle(index: number): void
  search(): void
  clear(): void
  compare?(): void
}

/** Keys of a list: j and k move, x chooses, Enter opens, / searches, c compares, Escape clears. */
export function useListKeys(actions: ListActions) {
  const at = ref(-1)

  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return
    const act = keyed(event.key)
    if (!act) return
    event.preventDefault()
    act()
  }

  function keyed(key: string): (() => void) | null {
    const here = at.value >= 0 && at.value < actions.length()
    switch (key) {
      case 'j':
        return () => (at.value = Math.min(actions.length() - 1, at.value + 1))
      case 'k':
        return () => (at.value = Math.max(0, at.value - 1))
      case 'x':
        return here ? () => actions.toggle(at.value) : null
      case 'Enter':
        return here && document.activeElement === document.body ? () => actions.open(at.value) : null
      case '/':
        return actions.search
      case 'c':
        return actions.compare ?? null
      case 'Escape':
        return () => {
          at.value = -1
          actions.clear()
        }
    }
    return null
  }

  onMounted(() => document.addEventListener('keydown', onKey))
  onUnmounted(() => document.removeEventListener('keydown', onKey))
  return { at }
}

export function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, select, textarea, [role="dialog"], [role="alertdialog"], [role="menu"]') !== null)
}
