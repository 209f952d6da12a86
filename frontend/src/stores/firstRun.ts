import { defineStore } from 'pinia'
import { ref } from 'vue'
import { listBatches } from '@/api/batches'
import { useLiveStore } from './live'
import { useSessionStore } from './session'

/** Newest batches compared; nobody starts more runs at once while reading a guide. */
const NEWEST = 20

/** Waits for the user's first batch that appears after the guide was opened. */
export const useFirstRunStore = defineStore('firstRun', () => {
  const live = useLiveStore()
  const session = useSessionStore()
  const arrived = ref<string | null>(null)
  let before: Set<string> | null = null
  let unsubscribe: (() => void) | null = null

  function wait(): void {
    leave()
    arrived.value = null
    before = null
    void look()
    unsubscribe = live.subscribe({
      channels: ['batches'],
      onEvents: (events) => {
        if (events.some((event) => event.event_type === 'batch_start')) void look()
      },
      // What came before the stream spoke is found by looking.
      onOpen: () => void look(),
      onResync: () => void look(),
    })
  }

  /** Administrators hear of everybody's batches, so ownership is looked up. A failed look is made up for by the next. */
  async function look(): Promise<void> {
    try {
      await session.loadUser()
      const { rows } = await listBatches({ limit: NEWEST })
      const own = rows.filter((batch) => batch.owner_id === session.user?.id).map((batch) => batch.id)
      before ??= new Set(own)
      const known = before
      if (unsubscribe) arrived.value = own.find((id) => !known.has(id)) ?? null
    } catch {
      // The stream says when the server is back.
    }
  }

  function leave(): void {
    unsubscribe?.()
    unsubscribe = null
  }

  return { arrived, wait, leave }
})
