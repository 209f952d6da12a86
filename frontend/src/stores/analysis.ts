import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/analysis'
import { getBatch, jobEpochs } from '@/api/batches'
import type { Batch, Comparison, JobPage, Study, StudyRow } from '@/api/types'
import { EMPTY_SERIES, mergePoints, type Series, toPoint } from '@/domain/series'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'

export interface JobFilter {
  q: string
  status: string
  project: string
  page: number
}

/** Jobs of all batches. */
export const useJobsStore = defineStore('jobs', () => {
  const filter = ref<JobFilter>({ q: '', status: '', project: '', page: 1 })
  const list = resource<JobPage>(() => {
    const { q, status, project, page } = filter.value
    return api.listJobs({ page, q: q || undefined, status: status || undefined, project: project || undefined })
  })
  const following = follow(list.load, changesSummaries)

  function apply(next: JobFilter): void {
    filter.value = next
    void list.load()
  }

  async function remove(items: readonly { batch_id: string; job_id: string }[]) {
    const answer = await api.deleteJobs(items)
    await list.load()
    return answer
  }

  return { ...list, filter, apply, remove, open: following.open, close: following.close, perPage: api.JOBS_PER_PAGE }
})

interface Compared {
  comparison: Comparison
  batches: Batch[]
}

/** Several batches side by side. */
export const useCompareStore = defineStore('compare', () => {
  const ids = ref<readonly string[]>([])
  const series = shallowRef<ReadonlyMap<string, Series>>(new Map())
  const found = resource<Compared>(async () => {
    const [comparison, batches] = await Promise.all([api.compare(ids.value), Promise.all(ids.value.map((id) => getBatch(id)))])
    void loadCurves(comparison)
    return { comparison, batches }
  })

  /** One curve per batch: that of its best job, else of its first. */
  async function loadCurves({ batches }: Comparison): Promise<void> {
    const curves = new Map<string, Series>()
    await Promise.all(
      batches.map(async (batch) => {
        const job = batch.jobs.find((job) => Object.keys(job.metrics ?? {}).length > 0) ?? batch.jobs[0]
        if (!job) return
        const rows = await jobEpochs(batch.batch_id, job.job_id).catch(() => [])
        curves.set(batch.batch_id, mergePoints(EMPTY_SERIES, rows.map((row) => toPoint(row, row.timestamp)).filter((point) => point !== null)))
      }),
    )
    series.value = curves
  }

  function open(batches: readonly string[]): void {
    ids.value = batches
    series.value = new Map()
    found.clear()
    void found.load()
  }

  const exportCsv = () => api.exportComparison(ids.value)

  return { ...found, ids, series, open, exportCsv }
})

/** Hyper-parameter studies: the list, and the one on screen. */
export const useStudiesStore = defineStore('studies', () => {
  const name = ref('')
  const list = resource<StudyRow[]>(api.studies)
  const study = resource<Study>(() => api.study(name.value))
  const following = follow(() => (name.value ? study.load() : list.load()), changesSummaries)

  function open(which = ''): void {
    if (which !== name.value) study.clear()
    name.value = which
    following.open()
  }

  return { list, study, open, close: following.close }
})
