import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as api from '@/api/batches'
import { EMPTY_SERIES } from '@/domain/series'
import { withCurves } from '@/live/snapshot'
import { runView } from './runView'

const LOG_LINES = 500

/** The job on screen: full curves of one job, its log, and the batch it belongs to. */
export const useJobStore = defineStore('job', () => {
  const run = runView()
  const id = ref('')
  let detailed: string | null = null
  const batch = computed(() => run.view.value.batch)
  const job = computed(() => run.view.value.jobs.get(id.value) ?? null)
  const logs = computed(() => run.view.value.logs)
  const series = computed(() => run.view.value.series.get(id.value) ?? EMPTY_SERIES)

  function open(batchId: string, jobId: string): void {
    id.value = jobId
    detailed = null
    run.open({
      channel: `job:${batchId}:${jobId}`,
      async read() {
        const [batch, job, points, logs] = await Promise.all([
          api.getBatch(batchId),
          api.getJob(batchId, jobId),
          api.jobEpochs(batchId, jobId),
          api.jobLogs(batchId, jobId, LOG_LINES),
        ])
        return { batch, jobs: [job], epochs: [{ job_id: jobId, points }], logs, gauges: null }
      },
    })
  }

  /** Reads all points of the curve. */
  async function detail(): Promise<void> {
    const [batchId, jobId] = [batch.value?.id, id.value]
    if (batchId === undefined || detailed === jobId) return
    detailed = jobId
    const points = await api.jobEpochs(batchId, jobId, api.DETAIL_POINTS)
    if (id.value === jobId) run.patch((view) => withCurves(view, [{ job_id: jobId, points }]))
  }

  return { state: run.state, error: run.error, batch, job, series, logs, open, close: run.close, reload: run.read, detail }
})
