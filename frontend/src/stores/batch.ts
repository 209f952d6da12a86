import { defineStore } from 'pinia'
import { computed } from 'vue'
import * as api from '@/api/batches'
import { newestGauges } from '@/live/gauges'
import { runView } from './runView'

const LOG_LINES = 500

/** The batch on screen: header, all jobs, all curves, log tail. */
export const useBatchStore = defineStore('batch', () => {
  const run = runView()
  const batch = computed(() => run.view.value.batch)
  const jobs = computed(() => [...run.view.value.jobs.values()])

  function open(id: string): void {
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

  async function stop(id: string): Promise<void> {
    const { status } = await api.stopBatch(id)
    run.patch((view) => (view.batch?.id === id ? { ...view, batch: { ...view.batch, status } } : view))
  }

  return { view: run.view, state: run.state, error: run.error, batch, jobs, open, close: run.close, reload: run.read, stop }
})
