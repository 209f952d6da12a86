import { path, request } from './client'
import { download } from './download'
import type { Artifact } from './types'

/** Where files belong: a batch as a whole, or one job of it. */
export interface ArtifactPlace {
  batchId: string
  jobId: string | null
}

export function listArtifacts({ batchId, jobId }: ArtifactPlace): Promise<Artifact[]> {
  if (jobId === null) return request('GET', path('batches', batchId, 'artifacts'))
  return request('GET', path('jobs', jobId, 'artifacts'), { query: { batch_id: batchId } })
}

export function uploadArtifact({ batchId, jobId }: ArtifactPlace, file: File): Promise<Artifact> {
  const body = new FormData()
  body.append('file', file, file.name)
  if (jobId === null) return request('POST', path('batches', batchId, 'artifacts'), { body })
  return request('POST', path('jobs', jobId, 'artifacts'), { body, query: { batch_id: batchId } })
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
