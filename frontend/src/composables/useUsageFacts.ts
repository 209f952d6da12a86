import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Usage } from '@/api/types'
import { useNumberText } from './useNumberText'

type Figures = Pick<Usage, 'events' | 'event_bytes' | 'artifacts' | 'artifact_bytes' | 'storage_bytes' | 'tracking_cost_usd' | 'storage_cost_usd_month' | 'host_hours' | 'gpu_cost_usd' | 'gpu_idle_share'>

/** What is kept of a batch or project and what that costs, as pairs of a name and a value. */
export function useUsageFacts(usage: () => Figures | null) {
  const { t } = useI18n()
  const { bytes, count, dollars, percent } = useNumberText()
  return computed(() => {
    const held = usage()
    if (!held) return []
    return [
      { label: t('usage.events'), value: `${count(held.events)} · ${bytes(held.event_bytes)}` },
      { label: t('usage.artifacts'), value: `${count(held.artifacts)} · ${bytes(held.artifact_bytes)}` },
      { label: t('usage.storage'), value: bytes(held.storage_bytes) },
      { label: t('usage.tracking'), value: dollars(held.tracking_cost_usd) },
      { label: t('usage.monthly'), value: dollars(held.storage_cost_usd_month) },
      { label: t('usage.held'), value: `${count(held.host_hours, 1)} ${t('unit.h')}` },
      { label: t('usage.machine'), value: typeof held.gpu_cost_usd === 'number' ? dollars(held.gpu_cost_usd) : null },
      { label: t('usage.idle'), value: typeof held.gpu_idle_share === 'number' ? percent(held.gpu_idle_share) : null },
    ]
  })
}
