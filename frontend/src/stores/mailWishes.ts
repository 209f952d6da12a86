import { defineStore } from 'pinia'
import * as api from '@/api/notifications'
import type { MailSchedule, MailSubscription } from '@/api/types'
import { resource } from './resource'

/** What people want to be told of, where and when. */
export const useMailWishesStore = defineStore('mailWishes', () => {
  const subscriptions = resource<MailSubscription[]>(api.subscriptions)
  const schedule = resource<MailSchedule>(api.schedule)

  async function subscribe(row: MailSubscription): Promise<void> {
    await api.setSubscriptions([row])
    await subscriptions.load()
  }

  async function saveSchedule(wanted: MailSchedule): Promise<void> {
    schedule.data.value = await api.saveSchedule(wanted)
  }

  return { subscriptions, schedule, subscribe, saveSchedule }
})
