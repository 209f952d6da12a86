import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { useBatchExtrasStore } from '@/stores/batchExtras'
import { useToastStore } from '@/stores/toasts'
import { useAction } from './useAction'

/** Deletes the batch on screen, leaves its page, and offers to take that back. */
export function useBatchDeletion() {
  const { t } = useI18n()
  const router = useRouter()
  const store = useBatchExtrasStore()
  const toasts = useToastStore()
  const { run } = useAction()

  async function undo(id: string): Promise<void> {
    if (await run(() => store.restore(id), t('run.restored'))) await router.push({ name: 'batch', params: { batchId: id } })
  }

  return async function remove(): Promise<void> {
    const { id } = store
    await store.remove()
    toasts.show('good', t('batch.deleted'), { label: t('run.undo'), run: () => void undo(id) })
    await router.push({ name: 'batches' })
  }
}
