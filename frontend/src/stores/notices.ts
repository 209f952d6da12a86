import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { listNotifications } from '@/api/notifications'
import type { Notification as Row } from '@/api/types'
import { useNotificationsStore } from './notifications'

const KEY = 'argus.notices'

/** Notifications of the browser itself; only where the user asked for them. */
export const useNoticesStore = defineStore('notices', () => {
  const notifications = useNotificationsStore()
  const known = typeof Notification !== 'undefined' && isSecureContext
  const permission = ref(known ? Notification.permission : 'denied')
  const wished = ref(localStorage.getItem(KEY) === '1')
  const on = computed(() => wished.value && permission.value === 'granted')

  async function wish(next: boolean): Promise<void> {
    if (next && known && permission.value === 'default') permission.value = await Notification.requestPermission()
    wished.value = next && permission.value === 'granted'
    localStorage.setItem(KEY, wished.value ? '1' : '0')
  }

  /** Calls `show` with what is new while nobody looks at the page, until the returned function is called. */
  function listen(show: (row: Row) => void): () => void {
    return watch(
      () => notifications.unread,
      async (count, before) => {
        if (!on.value || count <= before || !document.hidden) return
        const rows = await listNotifications(count - before, true).catch(() => [])
        rows.forEach(show)
      },
    )
  }

  return { known, permission, wished, on, wish, listen }
})
