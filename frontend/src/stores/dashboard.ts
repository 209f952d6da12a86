import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { batchEta } from '@/api/batches'
import * as api from '@/api/dashboard'
import type { CompactBatch, Dashboard, GpuHours } from '@/api/types'
import { extendSparks, lossOf, type Sparks, sparkOf } from '@/domain/sparks'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'

/** Cards of batches at work; more would be a list, and there is one. */
const CARDS = 12
const USAGE_DAYS = 30

export interface RunningCard {
  run: CompactBatch
  etaSecs: number | null
}

interface Overview {
  board: Dashboard
  running: RunningCard[]
}

/** What is at work and what happened lately. */
export const useDashboardStore = defineStore('dashboard', () => {
  const scope = ref<api.Scope>('all')
  const sparks = shallowRef<Sparks>(new Map())
  const overview = resource<Overview>(async () => {
    const [board, runs] = await Promise.all([api.dashboard(scope.value), api.activeBatches(CARDS, scope.value)])
    const etas = await Promise.all(runs.map((run) => batchEta(run.batch.id).then((eta) => eta.eta_seconds ?? null, () => null)))
    const known = new Map(sparks.value)
    for (const { batch, epochs_latest } of runs) {
      const spark = known.has(batch.id) ? null : sparkOf(epochs_latest)
      if (spark) known.set(batch.id, spark)
    }
    sparks.value = known
    return { board, running: runs.map((run, i) => ({ run, etaSecs: etas[i] ?? null })) }
  })
  const following = follow(overview.load, changesSummaries, (events) => {
    sparks.value = extendSparks(sparks.value, events.filter((event) => event.event_type === 'job_epoch').map(lossOf))
  })

  function choose(next: api.Scope): void {
    scope.value = next
    void overview.load()
  }

  const usage = resource<GpuHours[]>(() => api.gpuHours(USAGE_DAYS))

  return { ...overview, usage, scope, sparks, choose, open: following.open, close: following.close }
})
