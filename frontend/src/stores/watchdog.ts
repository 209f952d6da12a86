import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Page, Watchdog, WatchdogRecord, WatchdogWish } from '@/api/types'
import * as api from '@/api/watchdog'
import { changesDaemons, follow } from './follow'
import { resource } from './resource'

/** Records of one reading, and how far back. */
const PAGE = 200
const SPAN = '7d'
const ASKS = 50

/** The watchdogs on the host on screen, what they saw and did, and what is asked of them. */
export const useWatchdogStore = defineStore('watchdog', () => {
  const host = ref('')
  const chosen = ref<string | null>(null)
  const dogs = resource<Watchdog[]>(() => api.hostWatchdogs(host.value))
  const dog = computed(() => dogs.data.value?.find(({ agent_id }) => agent_id === chosen.value) ?? dogs.data.value?.[0] ?? null)
  const events = resource<Page<WatchdogRecord>>(() => read('problem,action', SPAN, PAGE))
  const talks = resource<Page<WatchdogRecord>>(() => read('transcript', SPAN, PAGE))
  const asks = resource<Page<WatchdogRecord>>(() => read('ask', '1d', ASKS))

  function read(kind: string, since: string, limit: number, cursor?: string): Promise<Page<WatchdogRecord>> {
    return api.records(host.value, { agent_id: dog.value?.agent_id, kind, since, limit, cursor })
  }

  /** Which watchdogs there are comes first: the records are of one of them. */
  async function load(): Promise<void> {
    await dogs.load()
    if (!dog.value) return
    await Promise.all([events.load(), dog.value.may_edit ? asks.load() : undefined])
  }

  /** Nobody may follow a host they do not know, so reading it comes first. */
  async function begin(name: string): Promise<void> {
    await load()
    if (name === host.value && dogs.state.value === 'ready') following.open([`host:${name}`])
  }

  const following = follow(load, changesDaemons)

  function open(name: string): void {
    if (name !== host.value) {
      chosen.value = null
      for (const part of [dogs, events, talks, asks]) part.clear()
    }
    host.value = name
    following.close()
    void begin(name)
  }

  function close(): void {
    following.close()
    host.value = ''
  }

  function choose(agent: string): void {
    chosen.value = agent
    for (const part of [events, talks, asks]) part.clear()
    void load()
  }

  async function more(): Promise<void> {
    const held = events.data.value
    if (!held?.next) return
    const page = await read('problem,action', SPAN, PAGE, held.next)
    events.data.value = { rows: [...held.rows, ...page.rows], next: page.next }
  }

  /** All wishes are sent: what is left out is not wished for any more. */
  async function wish(part: Omit<Partial<WatchdogWish>, 'agent_id'>): Promise<void> {
    const held = dog.value
    if (!held) return
    const { paused_until, dry_run, maintenance, mute } = held.policy
    replace(await api.setWishes(host.value, { agent_id: held.agent_id, paused_until: paused_until ?? null, dry_run: dry_run ?? false, maintenance: maintenance ?? null, mute, ...part }))
  }

  async function answer(digest: string, verdict: 'allow' | 'deny'): Promise<void> {
    if (dog.value) replace(await api.answerAsk(host.value, dog.value.agent_id, digest, verdict))
  }

  function replace(next: Watchdog): void {
    dogs.data.value = dogs.data.value?.map((held) => (held.agent_id === next.agent_id ? next : held)) ?? null
  }

  return { host, dogs, dog, events, talks, asks, open, close, load, choose, more, wish, answer }
})

/** All watchdogs of the user, for the dashboard. */
export const useWatchdogsStore = defineStore('watchdogs', () => {
  const list = resource<Watchdog[]>(api.listWatchdogs)
  const following = follow(list.load, changesDaemons)
  return { ...list, open: () => following.open(['agents']), close: following.close }
})
