import { createPinia } from 'pinia'
import type { App } from 'vue'
import { useCredentials } from '@/api/client'
import { useLiveStore } from '@/stores/live'
import { usePreferencesStore } from '@/stores/preferences'
import { useSessionStore } from '@/stores/session'

/** Stores, and the one place where the API client learns who is asking. */
export function install(app: App): void {
  app.use(createPinia())
  const session = useSessionStore()
  const preferences = usePreferencesStore()
  useCredentials({
    token: () => session.token,
    language: () => preferences.locale,
    rejected: (token) => session.expire(token),
  })
  session.keepAlive()
  useLiveStore().watchPage()
}
