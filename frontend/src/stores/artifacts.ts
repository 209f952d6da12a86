import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/artifacts'
import { type ApiError, asApiError } from '@/api/errors'
import type { Artifact } from '@/api/types'
import { resource } from './resource'

/** A file on its way. */
export interface Sending {
  readonly id: number
  readonly file: File
  readonly phase: api.UploadPhase | 'waiting' | 'failed'
  /** Of 1, of its phase. */
  readonly share: number
  readonly error: ApiError | null
  readonly stop: AbortController
}

/** Files of the batch or job on screen. */
export const useArtifactsStore = defineStore('artifacts', () => {
  const place = ref<api.ArtifactPlace>({ batchId: '', jobId: null })
  const sending = shallowRef<readonly Sending[]>([])
  let last = 0
  const list = resource<Artifact[]>(() => api.listArtifacts(place.value))

  async function open(batchId: string, jobId: string | null): Promise<void> {
    if (batchId !== place.value.batchId || jobId !== place.value.jobId) list.clear()
    place.value = { batchId, jobId }
    await list.load()
  }

  /** One after another; whether all of them arrived. A refusal stays beside the file it means. */
  async function upload(files: readonly File[]): Promise<boolean> {
    const added = files.map((file): Sending => ({ id: ++last, file, phase: 'waiting', share: 0, error: null, stop: new AbortController() }))
    sending.value = [...sending.value, ...added]
    const to = place.value
    for (const { id } of added) await send(id, to)
    return added.every(({ id }) => !sending.value.some((held) => held.id === id))
  }

  async function send(id: number, to: api.ArtifactPlace): Promise<void> {
    const own = sending.value.find((held) => held.id === id)
    if (!own) return
    try {
      await api.uploadArtifact(to, own.file, (phase, share) => change(id, { phase, share }), own.stop.signal)
      forget(id)
      await list.load()
    } catch (thrown) {
      if (own.stop.signal.aborted) forget(id)
      else change(id, { phase: 'failed', error: asApiError(thrown) })
    }
  }

  function change(id: number, part: Partial<Sending>): void {
    sending.value = sending.value.map((held) => (held.id === id ? { ...held, ...part } : held))
  }

  /** Gives an upload up, or takes a failed one off the list. */
  function forget(id: number): void {
    sending.value.find((held) => held.id === id)?.stop.abort()
    sending.value = sending.value.filter((held) => held.id !== id)
  }

  function again(id: number): Promise<void> {
    change(id, { phase: 'waiting', share: 0, error: null })
    return send(id, place.value)
  }

  async function remove(id: number): Promise<void> {
    await api.deleteArtifact(id)
    await list.load()
  }

  return { ...list, sending, open, upload, forget, again, remove, save: api.saveArtifact, blob: api.artifactBlob }
})
