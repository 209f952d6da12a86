import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as api from '@/api/agents'
import type { Agent, Rerun, RerunInfo, StopWish } from '@/api/types'
import { changesDaemons, changesSummaries, follow } from './follow'
import { resource } from './resource'

/** How the batch on screen was launched, how far its stop has come, and what running it again would do. */
export const useRerunStore = defineStore('rerun', () => {
  const id = ref('')
  const info = resource<RerunInfo>(() => api.rerunInfo(id.value))
  const stop = resource<{ wish: StopWish; agents: Agent[] }>(async () => {
    // Who may see a batch need not have agents; the wish alone is worth showing.
    const [wish, agents] = await Promise.all([api.stopWish(id.value), api.listAgents(false).catch(() => [])])
    return { wish, agents }
  })
  const following = follow(async () => {
    await Promise.all([info.load(), stop.data.value ? stop.load() : undefined])
  }, (event) => changesDaemons(event) || changesSummaries(event))
  /** The run as the agent that holds it tells. */
  const held = computed(() => stop.data.value?.agents.flatMap((agent) => agent.runs).find((run) => run.batch_id === id.value) ?? null)

  function open(batchId: string): void {
    if (batchId !== id.value) for (const part of [info, stop]) part.clear()
    id.value = batchId
    following.open([`batch:${batchId}`, 'agents'])
  }

  const ask = (wish: api.RerunWish): Promise<Rerun> => api.rerun(id.value, wish)

  return { id, info, stop, held, open, close: following.close, ask }
})
