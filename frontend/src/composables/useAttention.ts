import { onMounted, onUnmounted, watchEffect } from 'vue'
import { useRouter } from 'vue-router'
import type { Notification as Row } from '@/api/types'
import { useNoticesStore } from '@/stores/notices'
import { useNotificationsStore } from '@/stores/notifications'

/** What shows outside the page: a mark on the tab's icon, and notifications of the browser. */
export function useAttention() {
  const router = useRouter()
  const notifications = useNotificationsStore()
  const notices = useNoticesStore()
  let leave: (() => void) | null = null

  function show(row: Row): void {
    // The tag makes several tabs show one.
    const notice = new Notification(row.title, { body: row.body, tag: `argus-${row.id}`, icon: '/favicon.svg' })
    notice.onclick = () => {
      focus()
      void router.push(row.batch_id ? { name: 'batch', params: { batchId: row.batch_id } } : { name: 'notifications' })
      notice.close()
    }
  }

  watchEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    const wanted = notifications.unread > 0 ? '/favicon-unread.svg' : '/favicon.svg'
    if (icon && icon.getAttribute('href') !== wanted) icon.setAttribute('href', wanted)
  })
  onMounted(() => (leave = notices.listen(show)))
  onUnmounted(() => leave?.())
}
