import { path, request } from './client'
import { download } from './download'
import type { Comparison, JobPage, Study, StudyRow } from './types'

export function compare(batches: readonly string[]): Promise<Comparison> {
  return request('GET', path('compare'), { query: { batches: batches.join(',') } })
}

export function exportComparison(batches: readonly string[]): Promise<void> {
  return download(path('compare', 'export.csv'), 'argus-compare.csv', { batches: batches.join(',') })
}

export function studies(): Promise<StudyRow[]> {
  return request<{ studies: StudyRow[] }>('GET', path('studies')).then((found) => found.studies)
}

export function study(name: string): Promise<Study> {
  return request('GET', path('studies', name))
}

export interface JobQuery {
  q?: string | undefined
  status?: string | undefined
  project?: string | undefined
  text?: string | undefined
  page: number
  page_size?: number
}

export const JOBS_PER_PAGE = 50

export function listJobs(query: JobQuery): Promise<JobPage> {
  return request('GET', path('jobs'), { query: { page_size: JOBS_PER_PAGE, ...query } })
}

export function deleteJobs(items: readonly { batch_id: string; job_id: string }[]): Promise<{ deleted: string[]; skipped: { id: string; reason: string }[] }> {
  return request('POST', path('jobs', 'bulk-delete'), { body: { items } })
}
