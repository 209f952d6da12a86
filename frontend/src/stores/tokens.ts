import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { type ApiError, asApiError } from '@/api/errors'
import * as api from '@/api/tokens'
import type { NewToken, Token, TokenScope } from '@/api/types'

/** The user's API tokens. The plain text of a new one lives here until the page is left. */
export const useTokensStore = defineStore('tokens', () => {
  const rows = shallowRef<readonly Token[]>([])
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const error = shallowRef<ApiError | null>(null)
  const fresh = shallowRef<NewToken | null>(null)

  async function load(): Promise<void> {
    try {
      rows.value = await api.listTokens(false)
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      error.value = asApiError(thrown)
      state.value = 'failed'
    }
  }

  async function create(name: string, scope: TokenScope, expiresAt: string | null): Promise<void> {
    fresh.value = await api.createToken(name, scope, expiresAt)
    await load()
  }

  async function revoke(id: number): Promise<void> {
    await api.revokeToken(id)
    if (fresh.value?.id === id) fresh.value = null
    rows.value = rows.value.filter((token) => token.id !== id)
  }

  function forget(): void {
    fresh.value = null
  }

  return { rows, state, error, fresh, load, create, revoke, forget }
})
