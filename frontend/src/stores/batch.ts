import { defineStore } from 'pinia'
import { computed } from 'vue'
import * as api from '@/api/batches'
import { newestGauges } from '@/live/gauges'
import { withCurves } from '@/live/snapshot'
import { runView } from './runView'

const LOG_LINES = 500

/** The batch on screen: header, all jobs, all curves, log tail. */
export const useBatchStore = defineStore('batch', () => {
  const run = runView()
  const detailed = new Set<string>()
  let batchId = ''
  const batch = computed(() => run.view.value.batch)
  // Each part by itself: who shows one is not drawn again because another changed.
  const jobMap = computed(() => run.view.value.jobs)
  const jobs = computed(() => [...jobMap.value.values()])
  const series = computed(() => run.view.value.series)
  const logs = computed(() => run.view.value.logs)
  const gauges = computed(() => run.view.value.gauges)

  function open(id: string): void {
    batchId = id
    detailed.clear()
    run.open({
      channel: `batch:${id}`,
      async read(signal) {
        const [batch, jobs, epochs, logs, gauges] = await Promise.all([
          api.getBatch(id),
          api.batchJobs(id),
          api.batchEpochs(id, signal),
          api.batchLogs(id, LOG_LINES),
          // Gauges are an extra: their absence must not hide the batch.
          api.batchResources(id).then(newestGauges, () => null),
        ])
        return { batch, jobs, epochs, logs, gauges }
      },
    })
  }

  /** Reads all points of some curves, once each. */
  async function detail(ids: readonly string[]): Promise<void> {
    const wanted = ids.filter((job) => !detailed.has(job))
    wanted.forEach((job) => detailed.add(job))
    const own = batchId
    const rows = await Promise.all(wanted.map((job) => api.jobEpochs(own, job, api.DETAIL_POINTS)))
    if (own === batchId) run.patch((view) => withCurves(view, wanted.map((job_id, i) => ({ job_id, points: rows[i] ?? [] }))))
  }

  async function stop(id: string): Promise<void> {
    const { status } = await api.stopBatch(id)
    run.patch((view) => (view.batch?.id === id ? { ...view, batch: { ...view.batch, status } } : view))
  }

  return { state: run.state, error: run.error, batch, jobs, series, logs, gauges, open, close: run.close, reload: run.read, stop, detail }
})
