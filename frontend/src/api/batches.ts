import { answer, path, request } from './client'
import { download } from './download'
import { asApiError } from './errors'
import type { Batch, BatchEdit, BatchEta, BatchHealth, BatchMails, BulkDeleted, EpochRow, HostSnapshots, Job, JobCurve, JobEta, LatestEpoch, LogRow, Page, Usage } from './types'

export interface BatchQuery {
  status?: string | undefined
  project?: string | undefined
  q?: string | undefined
  text?: string | undefined
  tag?: string | undefined
  scope?: string | undefined
  cursor?: string | undefined
  limit?: number
}

/** Jobs of one page of curves: the most the server gives. */
const CURVES_PER_PAGE = 200
/** Points of one job's curve in the view of a whole batch. */
const SWEEP_POINTS = 400
/** Points of jobs beyond the first page: ends and extremes, which is what tables show. */
const OUTLINE_POINTS = 8
/** The most points of a curve the server gives. */
export const DETAIL_POINTS = 10_000
/** Points of a job's own curve: more than a wide screen has columns. */
const JOB_POINTS = 4_000

export async function listBatches(query: BatchQuery): Promise<Page<Batch>> {
  const { body, headers } = await answer<Batch[]>('GET', path('batches'), { query: { ...query } })
  return { rows: body, next: headers.get('x-next-cursor') }
}

export function getBatch(id: string): Promise<Batch> {
  return request('GET', path('batches', id))
}

export function batchJobs(id: string): Promise<Job[]> {
  return request('GET', path('batches', id, 'jobs'))
}

export async function batchEpochs(id: string, signal: AbortSignal): Promise<JobCurve[]> {
  const curves: JobCurve[] = []
  let cursor: string | undefined
  do {
    const max_points = cursor === undefined ? SWEEP_POINTS : OUTLINE_POINTS
    const query = { limit: CURVES_PER_PAGE, max_points, nonfinite: 'text', cursor }
    const { body, headers } = await answer<{ jobs: JobCurve[] }>('GET', path('batches', id, 'epochs'), { query, signal })
    curves.push(...body.jobs)
    cursor = headers.get('x-next-cursor') ?? undefined
  } while (cursor !== undefined)
  return curves
}

export async function latestEpochs(id: string): Promise<LatestEpoch[]> {
  const query = { nonfinite: 'text' }
  const body = await request<{ jobs?: LatestEpoch[] }>('GET', path('batches', id, 'epochs', 'latest'), { query })
  return body.jobs ?? []
}

/** Newest first. */
export function batchLogs(id: string, limit: number): Promise<LogRow[]> {
  return request('GET', path('batches', id, 'log-lines'), { query: { limit } })
}

export function batchResources(id: string): Promise<HostSnapshots> {
  return request('GET', path('batches', id, 'resources'))
}

export function stopBatch(id: string): Promise<{ status: string }> {
  return request('POST', path('batches', id, 'stop'))
}

export function getJob(batchId: string, jobId: string): Promise<Job> {
  return request('GET', path('jobs', batchId, jobId))
}

export function jobEpochs(batchId: string, jobId: string, max_points = JOB_POINTS): Promise<EpochRow[]> {
  const query = { max_points, nonfinite: 'text' }
  return request('GET', path('jobs', batchId, jobId, 'epochs'), { query })
}

/** Newest first. */
export function jobLogs(batchId: string, jobId: string, limit: number): Promise<LogRow[]> {
  return request('GET', path('jobs', batchId, jobId, 'log-lines'), { query: { limit } })
}

export function editBatch(id: string, change: BatchEdit): Promise<Batch> {
  return request('PATCH', path('batches', id), { body: change })
}

export function deleteBatch(id: string): Promise<unknown> {
  return request('DELETE', path('batches', id))
}

export function deleteBatches(ids: readonly string[]): Promise<BulkDeleted> {
  return request('POST', path('batches', 'bulk-delete'), { body: { batch_ids: ids } })
}

export function batchEta(id: string): Promise<BatchEta> {
  return request('GET', path('batches', id, 'eta'))
}

export function batchHealth(id: string): Promise<BatchHealth> {
  return request('GET', path('batches', id, 'health'))
}

export function batchUsage(id: string): Promise<Usage> {
  return request('GET', path('batches', id, 'usage'))
}

export function exportBatch(id: string): Promise<void> {
  return download(path('batches', id, 'export.csv'), `${id}.csv`)
}

/** Brings a deleted batch back as it was. */
export function restoreBatch(id: string): Promise<Batch> {
  return request('POST', path('batches', id, 'restore'))
}

export function jobEta(batchId: string, jobId: string): Promise<JobEta> {
  return request('GET', path('jobs', batchId, jobId, 'eta'))
}

/** What the owner wants to be mailed of a batch, or null when nothing of its own is set. */
export async function batchMails(id: string): Promise<BatchMails | null> {
  try {
    return await request<BatchMails>('GET', path('batches', id, 'email-subscription'))
  } catch (thrown) {
    if (asApiError(thrown).code === 'subscription_not_found') return null
    throw thrown
  }
}

export function setBatchMails(id: string, kinds: readonly string[], enabled: boolean): Promise<BatchMails> {
  return request('PUT', path('batches', id, 'email-subscription'), { body: { event_kinds: kinds, enabled } })
}

export function forgetBatchMails(id: string): Promise<unknown> {
  return request('DELETE', path('batches', id, 'email-subscription'))
}
