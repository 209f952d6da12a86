import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as account from '@/api/account'
import * as auth from '@/api/auth'
import { type ApiError, asApiError } from '@/api/errors'
import type { Session } from '@/api/types'

/** The browsers in which the user is logged in. */
export const useSessionsStore = defineStore('sessions', () => {
  const rows = shallowRef<readonly Session[]>([])
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const error = shallowRef<ApiError | null>(null)

  async function load(): Promise<void> {
    try {
      rows.value = await auth.sessions()
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      error.value = asApiError(thrown)
      state.value = 'failed'
    }
  }

  async function revoke(jti: string): Promise<void> {
    await auth.revokeSession(jti)
    rows.value = rows.value.filter((session) => session.jti !== jti)
  }

  async function revokeOthers(): Promise<void> {
    await account.revokeOthers()
    await load()
  }

  return { revokeOthers, rows, state, error, load, revoke }
})
