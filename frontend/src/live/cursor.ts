/** Where a set of channels was read up to; survives reloads of the tab, not the tab itself. */

const PREFIX = 'argus.cursor:'
/** Older positions would replay more than a fresh read costs. */
const KEEP_MILLIS = 15 * 60_000

export interface CursorStore {
  load(channels: readonly string[]): string | null
  save(channels: readonly string[], cursor: string): void
  forget(channels: readonly string[]): void
}

type Box = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function cursorStore(box: Box, now: () => number): CursorStore {
  const keyOf = (channels: readonly string[]) => PREFIX + [...channels].sort().join(',')
  return {
    load(channels) {
      const [at = '', ...cursor] = (box.getItem(keyOf(channels)) ?? '').split('|')
      return cursor.length > 0 && now() - Number(at) < KEEP_MILLIS ? cursor.join('|') : null
    },
    save(channels, cursor) {
      box.setItem(keyOf(channels), `${now()}|${cursor}`)
    },
    forget(channels) {
      box.removeItem(keyOf(channels))
    },
  }
}
