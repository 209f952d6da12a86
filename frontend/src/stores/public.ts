import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/public'
import type { MetricChoice } from '@/api/projects'
import type { Job, LogRow, PublicBatch } from '@/api/types'
import { joinSnapshot, EMPTY_TAIL, type LogTail } from '@/domain/logs'
import { EMPTY_SERIES, mergePoints, type Series, toPoint } from '@/domain/series'
import { newestGauges } from '@/live/gauges'
import type { Gauges } from '@/live/view'
import { resource } from './resource'

const LOG_LINES = 300
const POINTS = 400
/** Jobs whose curves a public page draws: each is one request. */
const CURVES = 24

interface PublicRun {
  batch: PublicBatch
  jobs: Job[]
  logs: LogTail
  gauges: Gauges | null
  environment: Record<string, unknown> | null
}

/** The batch of a public link. */
export const usePublicBatchStore = defineStore('publicBatch', () => {
  const slug = ref('')
  const series = shallowRef<ReadonlyMap<string, Series>>(new Map())
  const run = resource<PublicRun>(async () => {
    const from = slug.value
    const [batch, jobs, logs, gauges, environment] = await Promise.all([
      api.publicBatch(from),
      api.publicJobs(from),
      api.publicLogs(from, LOG_LINES),
      api.publicResources(from).then(newestGauges, () => null),
      api.publicEnvironment(from).catch(() => null),
    ])
    void loadCurves(from, jobs)
    return { batch, jobs, logs: joinSnapshot(EMPTY_TAIL, logs.map(lineOf).toReversed()), gauges, environment }
  })

  async function loadCurves(from: string, jobs: readonly Job[]): Promise<void> {
    const found = new Map<string, Series>()
    await Promise.all(
      jobs.slice(0, CURVES).map(async (job) => {
        const rows = await api.publicEpochs(from, job.id, POINTS).catch(() => [])
        found.set(job.id, mergePoints(EMPTY_SERIES, rows.map((row) => toPoint(row, row.timestamp)).filter((point) => point !== null)))
      }),
    )
    if (slug.value === from) series.value = found
  }

  function open(link: string): void {
    run.clear()
    series.value = new Map()
    slug.value = link
    void run.load()
  }

  return { ...run, series, open }
})

/** Public projects: the list, and the one on screen. */
export const usePublicProjectStore = defineStore('publicProject', () => {
  const id = ref('')
  const choice = ref<MetricChoice>({})
  const list = resource(api.publicProjects)
  const project = resource(() => api.publicProject(id.value))
  const batches = resource(() => api.publicProjectBatches(id.value))
  const board = resource(() => api.publicLeaderboard(id.value, choice.value))
  const matrix = resource(() => api.publicMatrix(id.value, choice.value))
  const resources = resource(() => api.publicProjectResources(id.value))

  function open(name: string): void {
    const parts = [project, batches, board, matrix, resources]
    if (name !== id.value) for (const part of parts) part.clear()
    id.value = name
    for (const part of parts) void part.load()
  }

  function choose(next: MetricChoice): void {
    choice.value = next
    void board.load()
    void matrix.load()
  }

  return { id, choice, list, project, batches, board, matrix, resources, open, choose }
})

function lineOf({ ts, job_id, level, line }: LogRow) {
  return { ts, job_id: job_id ?? null, level, line }
}
