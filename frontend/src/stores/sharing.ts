import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/sharing'
import type { BatchShare, Permission, ProjectShare, PublicLink } from '@/api/types'
import { resource } from './resource'

/** What the user shares, and with whom. */
export const useSharingStore = defineStore('sharing', () => {
  const batch = ref('')
  const project = ref('')
  const shares = resource<BatchShare[]>(() => api.batchShares(batch.value))
  const links = resource<PublicLink[]>(() => api.publicLinks(batch.value))
  const projectShares = resource<ProjectShare[]>(async () => {
    const rows = await api.projectShares()
    return rows.filter((row) => row.project === project.value)
  })
  const mine = resource<PublicLink[]>(api.myLinks)

  function openBatch(id: string): void {
    if (batch.value !== id) [shares, links].forEach((part) => part.clear())
    batch.value = id
    void shares.load()
    void links.load()
  }

  function openProject(name: string): void {
    if (project.value !== name) projectShares.clear()
    project.value = name
    void projectShares.load()
  }

  async function shareBatch(username: string, permission: Permission): Promise<void> {
    await api.shareBatch(batch.value, username, permission)
    await shares.load()
  }

  async function unshareBatch(granteeId: number): Promise<void> {
    await api.unshareBatch(batch.value, granteeId)
    await shares.load()
  }

  async function shareProject(username: string, permission: Permission): Promise<void> {
    await api.shareProject(project.value, username, permission)
    await projectShares.load()
  }

  async function unshareProject(share: ProjectShare): Promise<void> {
    await api.unshareProject(share.project, share.grantee_id, share.owner_id)
    await projectShares.load()
  }

  async function createLink(expiresAt: string | null): Promise<void> {
    await api.createLink(batch.value, expiresAt)
    await links.load()
  }

  async function revokeLink(link: PublicLink): Promise<void> {
    await api.revokeLink(link.batch_id, link.slug)
    await Promise.all([links.state.value === 'ready' ? links.load() : null, mine.state.value === 'ready' ? mine.load() : null])
  }

  return {
    shares, links, projectShares, mine, openBatch, openProject, shareBatch, unshareBatch, shareProject, unshareProject, createLink, revokeLink,
  }
})
