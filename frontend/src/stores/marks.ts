import { defineStore } from 'pinia'
import { computed } from 'vue'
import * as api from '@/api/marks'
import type { Pin } from '@/api/types'
import { resource } from './resource'

/** Batches the user starred or pinned. */
export const useMarksStore = defineStore('marks', () => {
  const stars = resource(api.stars)
  const pins = resource<Pin[]>(api.pins)
  const starred = computed<ReadonlySet<string>>(() => new Set(stars.data.value?.filter((star) => star.target_type === 'batch').map((star) => star.target_id)))
  const pinned = computed<ReadonlySet<string>>(() => new Set(pins.data.value?.map((pin) => pin.batch_id)))

  async function load(): Promise<void> {
    await Promise.all([stars.load(), pins.load()])
  }

  async function toggleStar(id: string): Promise<void> {
    await (starred.value.has(id) ? api.unstar('batch', id) : api.star('batch', id))
    await stars.load()
  }

  async function togglePin(id: string): Promise<void> {
    await (pinned.value.has(id) ? api.unpin(id) : api.pin(id))
    await pins.load()
  }

  return { stars, pins, starred, pinned, load, toggleStar, togglePin }
})
