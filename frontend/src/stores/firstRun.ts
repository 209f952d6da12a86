import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useLiveStore } from './live'

/** Waits for the first batch that speaks after the guide was opened. */
export const useFirstRunStore = defineStore('firstRun', () => {
  const live = useLiveStore()
  const arrived = ref<string | null>(null)
  let unsubscribe: (() => void) | null = null

  function wait(): void {
    leave()
    arrived.value = null
    unsubscribe = live.subscribe({
      channels: ['batches'],
      onEvents: (events) => {
        const start = events.find((event) => event.event_type === 'batch_start')
        if (start) arrived.value = start.batch_id
      },
      onOpen: () => undefined,
      onResync: () => undefined,
    })
  }

  function leave(): void {
    unsubscribe?.()
    unsubscribe = null
  }

  return { arrived, wait, leave }
})
