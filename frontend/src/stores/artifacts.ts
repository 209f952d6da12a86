import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/artifacts'
import type { Artifact } from '@/api/types'
import { resource } from './resource'

/** Files of the batch or job on screen. */
export const useArtifactsStore = defineStore('artifacts', () => {
  const place = ref<api.ArtifactPlace>({ batchId: '', jobId: null })
  const list = resource<Artifact[]>(() => api.listArtifacts(place.value))

  async function open(batchId: string, jobId: string | null): Promise<void> {
    if (batchId !== place.value.batchId || jobId !== place.value.jobId) list.clear()
    place.value = { batchId, jobId }
    await list.load()
  }

  /** One after another, so that the first refusal tells about the file it means. */
  async function upload(files: readonly File[]): Promise<void> {
    try {
      for (const file of files) await api.uploadArtifact(place.value, file)
    } finally {
      await list.load()
    }
  }

  async function remove(id: number): Promise<void> {
    await api.deleteArtifact(id)
    await list.load()
  }

  return { ...list, open, upload, remove, save: api.saveArtifact, blob: api.artifactBlob }
})
