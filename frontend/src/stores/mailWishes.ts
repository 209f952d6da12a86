import { defineStore } from 'pinia'
import * as api from '@/api/notifications'
import type { ChannelPatch, ChannelWish, MailSchedule, MailSubscription, NewChannel } from '@/api/types'
import { resource } from './resource'

/** What people want to be told of, where and when. */
export const useMailWishesStore = defineStore('mailWishes', () => {
  const subscriptions = resource<MailSubscription[]>(api.subscriptions)
  const schedule = resource<MailSchedule>(api.schedule)
  const channels = resource(api.channels)

  async function subscribe(row: MailSubscription): Promise<void> {
    await api.setSubscriptions([row])
    await subscriptions.load()
  }

  async function saveSchedule(wanted: MailSchedule): Promise<void> {
    schedule.data.value = await api.saveSchedule(wanted)
  }

  /** The answer holds the signing key of a webhook, which is shown this once. */
  async function createChannel(wish: ChannelWish): Promise<NewChannel> {
    const made = await api.createChannel(wish)
    await channels.load()
    return made
  }

  async function changeChannel(id: number, patch: ChannelPatch): Promise<void> {
    await api.changeChannel(id, patch)
    await channels.load()
  }

  async function deleteChannel(id: number): Promise<void> {
    await api.deleteChannel(id)
    await channels.load()
  }

  return { subscriptions, schedule, channels, subscribe, saveSchedule, createChannel, changeChannel, deleteChannel, testChannel: api.testChannel }
})
