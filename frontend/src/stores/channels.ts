import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/channels'
import type { Channel, ChannelMessage, ChannelPatch, ChannelWish, NewChannel, Page } from '@/api/types'
import { resource } from './resource'

/** Messages a look at a channel shows. */
const SAID = 50

/** Chat rooms and programs that are told what happens: the user's own or those of a project. */
export const useChannelsStore = defineStore('channels', () => {
  const owner = ref<api.ChannelOwner>('me')
  const watched = ref(0)
  const list = resource<Channel[]>(() => api.channels(owner.value))
  const said = resource<Page<ChannelMessage>>(() => api.messages(owner.value, watched.value, SAID))

  function open(whose: api.ChannelOwner): void {
    if (JSON.stringify(whose) !== JSON.stringify(owner.value)) list.clear()
    owner.value = whose
    void list.load()
  }

  /** The answer holds the signing key of a webhook, which is shown this once. */
  async function create(wish: ChannelWish): Promise<NewChannel> {
    const made = await api.createChannel(owner.value, wish)
    await list.load()
    return made
  }

  async function change(id: number, patch: ChannelPatch): Promise<void> {
    await api.changeChannel(owner.value, id, patch)
    await list.load()
  }

  async function remove(id: number): Promise<void> {
    await api.deleteChannel(owner.value, id)
    await list.load()
  }

  const test = (id: number) => api.testChannel(owner.value, id)

  function look(id: number): void {
    if (id !== watched.value) said.clear()
    watched.value = id
    void said.load()
  }

  const resend = (ids: readonly number[]) => api.resend(owner.value, watched.value, ids)

  return { list, said, open, create, change, remove, test, look, resend }
})
