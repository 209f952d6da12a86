import { defineStore } from 'pinia'
import { ref } from 'vue'
import { jobEta } from '@/api/batches'
import { hostSeries } from '@/api/hosts'
import type { Incidents, JobEta } from '@/api/types'
import { jobIncidents } from '@/api/watchdog'
import { instant } from '@/domain/duration'
import { bucketSecs, type Strip, stripOf } from '@/domain/telemetry'
import type { WireEvent } from '@/live/event'
import { changesSummaries, follow } from './follow'
import { HOST_METRICS } from './hosts'
import { resource } from './resource'

/** When a job ran, and where. */
export interface Spell {
  host: string
  start: string
  end: string | null
}

function concerns(event: WireEvent): boolean {
  return event.event_type === 'resource_snapshot' || event.event_type === 'job_epoch' || changesSummaries(event)
}

/** What a job's page shows beyond its run: when it ends, and its host meanwhile. */
export const useJobExtrasStore = defineStore('jobExtras', () => {
  const batchId = ref('')
  const jobId = ref('')
  const spell = ref<Spell | null>(null)
  const eta = resource<JobEta>(() => jobEta(batchId.value, jobId.value))
  const telemetry = resource<Strip[]>(async () => {
    const { host, start, end } = spell.value ?? { host: '', start: '', end: null }
    const from = instant(start)
    if (!host || from === null) return []
    const until = instant(end) ?? Date.now()
    // Readings go on from the start until now, whenever the job ended.
    const width = bucketSecs((until - from) / 1000)
    const gauges = await Promise.all(HOST_METRICS.map((metric) => hostSeries(host, metric, new Date(from).toISOString(), width)))
    return gauges.map((gauge) => stripOf(gauge, until)).filter((strip) => strip !== null)
  })
  const incidents = resource<Incidents>(() => jobIncidents(batchId.value, jobId.value))
  const following = follow(async () => {
    await Promise.all([eta.load(), incidents.load(), spell.value ? telemetry.load() : undefined])
  }, concerns)

  function open(batch: string, job: string): void {
    if (batch !== batchId.value || job !== jobId.value) {
      spell.value = null
      for (const part of [eta, telemetry, incidents]) part.clear()
    }
    batchId.value = batch
    jobId.value = job
    following.open([`batch:${batch}`])
  }

  /** Called once the job is known, and again when it ends. */
  function place(next: Spell): void {
    spell.value = next
    void telemetry.load()
  }

  return { eta, telemetry, incidents, open, place, close: following.close }
})
