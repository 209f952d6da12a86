import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/account'
import { unsubscribe } from '@/api/notifications'
import { resource } from './resource'
import { useSessionStore } from './session'

/** What people change about their own account. */
export const useAccountStore = defineStore('account', () => {
  const session = useSessionStore()
  const providers = resource(api.providers)
  const preferences = resource(api.preferences)
  const exporting = ref(false)

  async function hideDemo(hide: boolean): Promise<void> {
    await api.savePreferences({ hide_demo: hide })
    await preferences.load()
  }

  /** The language of mails follows that of the pages. */
  async function mailLocale(locale: string): Promise<void> {
    await api.savePreferences({ preferred_locale: locale === 'zh-CN' ? 'zh-CN' : 'en-US' })
  }

  /** Goes to the provider; the way back ends at the settings. */
  async function link(provider: api.Provider): Promise<void> {
    const { authorize_url } = await api.linkInit(provider, '/settings?tab=logins')
    location.assign(authorize_url)
  }

  async function unlink(provider: api.Provider): Promise<void> {
    await api.unlink(provider)
    await session.reloadUser()
  }

  async function setPassword(next: string): Promise<void> {
    await api.setPassword('github', next)
    await session.reloadUser()
  }

  async function close(proof: { password: string } | { confirm: string }): Promise<void> {
    await api.closeAccount(proof)
    session.forget()
  }

  async function exportAll(): Promise<void> {
    exporting.value = true
    try {
      await api.exportAccount(session.user?.username ?? 'account')
    } finally {
      exporting.value = false
    }
  }

  return {
    providers, preferences, exporting, hideDemo, mailLocale, link, unlink, setPassword, close, exportAll, unsubscribe,
    changePassword: api.changePassword, changeEmail: api.changeEmail, resendVerification: api.resendVerification, requestReset: api.requestReset,
    resetPassword: api.resetPassword, verifyNewEmail: api.verifyNewEmail, providerStart: api.providerStart,
  }
})
