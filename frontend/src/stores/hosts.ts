import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/hosts'
import type { Host, HostSeries } from '@/api/types'
import type { WireEvent } from '@/live/event'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'

export const HOST_METRICS = ['gpu_util_pct', 'gpu_mem_mb', 'cpu_util_pct', 'ram_mb'] as const
export type HostMetric = (typeof HOST_METRICS)[number]

/** Spans of time a host's curves show, with the width of their points in seconds. */
export const SPANS = { '1h': 60, '6h': 300, '24h': 900, '168h': 3600 } as const
export type Span = keyof typeof SPANS

function concerns(event: WireEvent): boolean {
  return event.event_type === 'resource_snapshot' || changesSummaries(event)
}

/** Hosts that reported, with their newest gauges. */
export const useHostsStore = defineStore('hosts', () => {
  const list = resource<Host[]>(api.listHosts)
  const following = follow(list.load, concerns)
  return { ...list, open: following.open, close: following.close }
})

/** The host on screen: gauges and their curves. */
export const useHostStore = defineStore('host', () => {
  const name = ref('')
  const span = ref<Span>('1h')
  const host = resource<Host | null>(async () => (await api.listHosts()).find((card) => card.host === name.value) ?? null)
  const series = resource<HostSeries[]>(() =>
    Promise.all(HOST_METRICS.map((metric) => api.hostSeries(name.value, metric, `now-${span.value}`, SPANS[span.value]))),
  )
  const following = follow(async () => {
    await Promise.all([host.load(), series.load()])
  }, concerns)

  function open(which: string): void {
    if (which !== name.value) [host, series].forEach((part) => part.clear())
    name.value = which
    following.open()
  }

  function choose(next: Span): void {
    span.value = next
    void series.load()
  }

  const remove = () => api.deleteHost(name.value)

  return { name, span, host, series, open, close: following.close, choose, remove }
})
