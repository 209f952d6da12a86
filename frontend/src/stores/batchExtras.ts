import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/batches'
import type { BatchEdit, BatchEta, BatchHealth, BatchMails, Usage } from '@/api/types'
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
  const mails = resource<{ wish: BatchMails | null }>(async () => ({ wish: await api.batchMails(id.value) }))
  const following = follow(signs.load, changesSummaries)

  function open(batchId: string): void {
    if (batchId !== id.value) [signs, usage, mails].forEach((part) => part.clear())
    id.value = batchId
    following.open([`batch:${batchId}`])
  }

  async function edit(change: BatchEdit): Promise<void> {
    await api.editBatch(id.value, change)
    await batch.reload()
  }

  async function setMails(kinds: readonly string[], enabled: boolean): Promise<void> {
    mails.data.value = { wish: await api.setBatchMails(id.value, kinds, enabled) }
  }

  /** The wishes for the project and for everything decide again. */
  async function forgetMails(): Promise<void> {
    await api.forgetBatchMails(id.value)
    mails.data.value = { wish: null }
  }

  const remove = () => api.deleteBatch(id.value)
  const exportCsv = () => api.exportBatch(id.value)

  return { id, signs, usage, mails, open, close: following.close, edit, setMails, forgetMails, remove, restore: api.restoreBatch, exportCsv }
})
