import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import * as auth from '@/api/auth'
import type { Login, User } from '@/api/types'

const KEY = 'argus.session'
/** A session is exchanged for a new one when this little of it is left. */
const RENEW_BEFORE_MILLIS = 2 * 3_600_000
const CHECK_EVERY_MILLIS = 60_000

interface Stored {
  token: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Who is logged in. Shared by all tabs through local storage. */
export const useSessionStore = defineStore('session', () => {
  const stored = shallowRef<Stored | null>(read())
  const user = ref<User | null>(null)
  const token = computed(() => stored.value?.token ?? null)

  /** Registers and logs in. */
  async function register(username: string, email: string, password: string, setupToken?: string): Promise<void> {
    await auth.register(username, email, password, setupToken)
    await login(username, password)
  }

  async function verifyEmail(secret: string): Promise<void> {
    await auth.verifyEmail(secret)
    if (user.value) user.value = { ...user.value, email_verified: true }
  }

  async function login(identifier: string, password: string): Promise<void> {
    adopt(await auth.login(identifier, password))
  }

  /** A session made elsewhere is exchanged at once for one that only this browser has seen. */
  async function adoptToken(secret: string): Promise<void> {
    stored.value = { token: secret, expiresAt: Date.now() + CHECK_EVERY_MILLIS }
    try {
      adopt(await auth.refresh())
    } catch (thrown) {
      clear()
      throw thrown
    }
  }

  /** Reads the account again after a change to it. */
  async function reloadUser(): Promise<void> {
    user.value = await auth.me()
  }

  async function logout(): Promise<void> {
    // The session ends here whether or not the server can be told.
    await auth.logout().catch(() => undefined)
    clear()
  }

  async function loadUser(): Promise<void> {
    if (token.value && !user.value) user.value = await auth.me()
  }

  /** The server refused `refused`; another tab may hold a newer one. */
  function expire(refused: string | null): void {
    const current = read()
    if (current && current.token !== refused) stored.value = current
    else clear()
  }

  function adopt(login: Login): void {
    stored.value = { token: login.access_token, expiresAt: Date.now() + login.expires_in * 1000 }
    user.value = login.user as User
    localStorage.setItem(KEY, JSON.stringify(stored.value))
  }

  function clear(): void {
    stored.value = null
    user.value = null
    localStorage.removeItem(KEY)
  }

  /** Exchanging ends the old session, so only one tab may do it. */
  async function renewIfDue(): Promise<void> {
    if (!due()) return
    await navigator.locks.request('argus.renew', async () => {
      stored.value = read()
      if (due()) await auth.refresh().then(adopt, () => undefined)
    })
  }

  function due(): boolean {
    return stored.value !== null && stored.value.expiresAt - Date.now() < RENEW_BEFORE_MILLIS
  }

  /** Keeps the session alive and in step with other tabs; called once. */
  function keepAlive(): void {
    addEventListener('storage', (event) => {
      if (event.key !== KEY && event.key !== null) return
      stored.value = read()
      if (!stored.value) user.value = null
    })
    const check = () => void renewIfDue()
    setInterval(check, CHECK_EVERY_MILLIS)
    document.addEventListener('visibilitychange', check)
    check()
  }

  return { token, user, register, verifyEmail, login, adoptToken, logout, loadUser, reloadUser, forget: clear, expire, keepAlive }
})

function read(): Stored | null {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Stored> | null
    const usable = typeof value?.token === 'string' && typeof value.expiresAt === 'number' && value.expiresAt > Date.now()
    return usable ? (value as Stored) : null
  } catch {
    return null
  }
}
