import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/batches'
import type { Artifact, BatchEdit, BatchEta, BatchHealth, Usage } from '@/api/types'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'
import { useBatchStore } from './batch'

/** What a batch's page shows beyond its run: estimates, files, usage. */
export const useBatchExtrasStore = defineStore('batchExtras', () => {
  const batch = useBatchStore()
  const id = ref('')
  const signs = resource<{ eta: BatchEta; health: BatchHealth }>(async () => {
    const [eta, health] = await Promise.all([api.batchEta(id.value), api.batchHealth(id.value)])
    return { eta, health }
  })
  const usage = resource<Usage>(() => api.batchUsage(id.value))
  const artifacts = resource<Artifact[]>(() => api.batchArtifacts(id.value))
  const following = follow(signs.load, changesSummaries)

  function open(batchId: string): void {
    if (batchId !== id.value) [signs, usage, artifacts].forEach((part) => part.clear())
    id.value = batchId
    following.open([`batch:${batchId}`])
  }

  async function edit(change: BatchEdit): Promise<void> {
    await api.editBatch(id.value, change)
    await batch.reload()
  }

  async function removeArtifact(artifact: number): Promise<void> {
    await api.deleteArtifact(artifact)
    await artifacts.load()
  }

  const remove = () => api.deleteBatch(id.value)
  const exportCsv = () => api.exportBatch(id.value)

  return {
    id, signs, usage, artifacts, open, close: following.close, edit, remove, exportCsv, removeArtifact, saveArtifact: api.saveArtifact,
    artifactBlob: api.artifactBlob,
  }
})
