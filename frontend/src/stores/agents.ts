import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/agents'
import type { Agent } from '@/api/types'
import { changesDaemons, changesSummaries, follow } from './follow'
import { resource } from './resource'

/** Programs on training hosts that start and stop runs for their owner. */
export const useAgentsStore = defineStore('agents', () => {
  const everybodys = ref(false)
  const list = resource<Agent[]>(() => api.listAgents(everybodys.value))
  const following = follow(list.load, (event) => changesDaemons(event) || changesSummaries(event))
  const open = () => following.open(['batches', 'agents'])

  function choose(all: boolean): void {
    everybodys.value = all
    void list.load()
  }

  async function rename(id: string, label: string | null): Promise<void> {
    await api.renameAgent(id, label)
    await list.load()
  }

  /** Its token is dead at once; what it runs goes on without it. */
  async function revoke(id: string): Promise<void> {
    await api.revokeAgent(id)
    await list.load()
  }

  return { ...list, everybodys, choose, rename, revoke, open, close: following.close }
})
