import { digestOf } from '@/domain/sha256'
import { path, request } from './client'
import { download } from './download'
import { ApiError } from './errors'
import type { Artifact, UploadTicket } from './types'
import { putFile } from './upload'

/** Where files belong: a batch as a whole, or one job of it. */
export interface ArtifactPlace {
  batchId: string
  jobId: string | null
}

export function listArtifacts({ batchId, jobId }: ArtifactPlace): Promise<Artifact[]> {
  if (jobId === null) return request('GET', path('batches', batchId, 'artifacts'))
  return request('GET', path('jobs', jobId, 'artifacts'), { query: { batch_id: batchId } })
}

/** Larger files go to the bucket directly. */
const SMALL = 4 * 1024 * 1024
/** What goes through the server all the same where its bucket cannot be reached from the browser. */
const BEARABLE = 64 * 1024 * 1024

export type UploadPhase = 'reading' | 'sending' | 'checking'
export type OnProgress = (phase: UploadPhase, share: number) => void

export async function uploadArtifact(place: ArtifactPlace, file: File, onProgress: OnProgress, signal: AbortSignal): Promise<Artifact> {
  if (file.size <= SMALL) return sendWhole(place, file, signal)
  const share = (phase: UploadPhase) => (bytes: number) => onProgress(phase, bytes / file.size)
  const sha256 = await digestOf(file, share('reading'), signal)
  const wish = { filename: file.name, size_bytes: file.size, sha256, ...(place.jobId !== null && { job_id: place.jobId }) }
  const ticket = await request<UploadTicket>('POST', path('batches', place.batchId, 'artifacts', 'uploads'), { body: wish, signal })
  try {
    await putFile(ticket, file, share('sending'), signal)
  } catch (failure) {
    const unreachable = failure instanceof ApiError && failure.status === 0
    if (!unreachable || file.size > BEARABLE) throw failure
    return sendWhole(place, file, signal)
  }
  onProgress('checking', 1)
  return request('POST', path('artifacts', String(ticket.id), 'complete'), { signal })
}

function sendWhole({ batchId, jobId }: ArtifactPlace, file: File, signal: AbortSignal): Promise<Artifact> {
  const body = new FormData()
  body.append('file', file, file.name)
  if (jobId === null) return request('POST', path('batches', batchId, 'artifacts'), { body, signal })
  return request('POST', path('jobs', jobId, 'artifacts'), { body, signal, query: { batch_id: batchId } })
}

export function artifactBlob(id: number): Promise<Blob> {
  return request('GET', path('artifacts', String(id)), { query: { inline: 1 }, expect: 'blob' })
}

export function saveArtifact(id: number, filename: string): Promise<void> {
  return download(path('artifacts', String(id)), filename)
}

export function deleteArtifact(id: number): Promise<unknown> {
  return request('DELETE', path('artifacts', String(id)))
}
