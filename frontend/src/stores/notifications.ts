import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/notifications'
import type { Notification } from '@/api/types'
import { useLiveStore } from './live'
import { resource } from './resource'

/** Rows a list shows; older ones have been seen or do not matter any more. */
const SHOWN = 100

/** The user's notifications. The stream says how many are unread; rows are read when looked at. */
export const useNotificationsStore = defineStore('notifications', () => {
  const live = useLiveStore()
  const unread = ref(0)
  const unreadOnly = ref(false)
  const list = resource<Notification[]>(() => api.listNotifications(SHOWN, unreadOnly.value))
  let looking = 0
  let unsubscribe: (() => void) | null = null

  /** Counts while the program is open. */
  function listen(): void {
    unsubscribe ??= live.subscribe({
      channels: [],
      onEvents: () => undefined,
      onOpen: () => undefined,
      onResync: () => undefined,
      onUnread: (count) => {
        unread.value = count
        if (looking > 0) void list.load()
      },
    })
  }

  function leave(): void {
    unsubscribe?.()
    unsubscribe = null
    unread.value = 0
    list.clear()
  }

  /** The rows are on screen until the returned function is called. */
  function look(): () => void {
    looking += 1
    void list.load()
    return () => void (looking -= 1)
  }

  async function ack(id: number): Promise<void> {
    await api.ack(id)
    const now = new Date().toISOString()
    patch(id, (row) => ({ ...row, read_at: row.read_at ?? now }))
  }

  async function ackAll(): Promise<void> {
    await api.ackAll()
    unread.value = 0
    await list.load()
  }

  async function remove(id: number): Promise<void> {
    await api.remove(id)
    patch(id, () => null)
  }

  function patch(id: number, change: (row: Notification) => Notification | null): void {
    const rows = list.data.value?.map((row) => (row.id === id ? change(row) : row))
    list.data.value = rows?.filter((row) => row !== null) ?? null
    unread.value = Math.max(0, list.data.value?.filter((row) => !row.read_at).length ?? unread.value)
  }

  return { ...list, unread, unreadOnly, listen, leave, look, ack, ackAll, remove }
})
