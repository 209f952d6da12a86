import { path, request } from './client'
import type { BatchShare, Permission, ProjectShare, PublicLink } from './types'

export function batchShares(id: string): Promise<BatchShare[]> {
  return request('GET', path('batches', id, 'shares'))
}

export function shareBatch(id: string, username: string, permission: Permission): Promise<BatchShare> {
  return request('POST', path('batches', id, 'shares'), { body: { grantee_username: username, permission } })
}

export function unshareBatch(id: string, granteeId: number): Promise<unknown> {
  return request('DELETE', path('batches', id, 'shares', String(granteeId)))
}

export function projectShares(): Promise<ProjectShare[]> {
  return request('GET', path('projects', 'shares'))
}

export function shareProject(project: string, username: string, permission: Permission): Promise<ProjectShare> {
  return request('POST', path('projects', 'shares'), { body: { project, grantee_username: username, permission } })
}

export function unshareProject(project: string, granteeId: number, ownerId: number): Promise<unknown> {
  return request('DELETE', path('projects', 'shares', project, String(granteeId)), { query: { owner_id: ownerId } })
}

export function publicLinks(id: string): Promise<PublicLink[]> {
  return request('GET', path('batches', id, 'public-shares'))
}

export function createLink(id: string, expiresAt: string | null): Promise<PublicLink> {
  return request('POST', path('batches', id, 'public-share'), { body: { expires_at: expiresAt } })
}

export function revokeLink(id: string, slug: string): Promise<unknown> {
  return request('DELETE', path('batches', id, 'public-share', slug))
}

export function myLinks(): Promise<PublicLink[]> {
  return request('GET', path('public-shares', 'mine'))
}
