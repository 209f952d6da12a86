import { path, request } from './client'
import type { Pin, Star } from './types'

/** Batches whose cards the user keeps on the dashboard, oldest pin first. */
export function pins(): Promise<Pin[]> {
  return request('GET', path('pins'))
}

export function pin(batchId: string): Promise<Pin> {
  return request('POST', path('pins'), { body: { batch_id: batchId } })
}

export function unpin(batchId: string): Promise<unknown> {
  return request('DELETE', path('pins', batchId))
}

export function stars(): Promise<Star[]> {
  return request('GET', path('stars'))
}

export function star(type: 'project' | 'batch', id: string): Promise<unknown> {
  return request('POST', path('stars'), { body: { target_type: type, target_id: id } })
}

export function unstar(type: 'project' | 'batch', id: string): Promise<unknown> {
  return request('DELETE', path('stars', type, id))
}
