import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as adminApi from '@/api/admin'
import * as hostApi from '@/api/hosts'
import type { Costs, HostRate } from '@/api/types'
import { resource } from './resource'

/** Days that the page of costs shows. */
export const COST_DAYS = 7

/** What the installation costs. */
export const useCostsStore = defineStore('costs', () => resource<Costs>(() => adminApi.costs(COST_DAYS)))

/** What an hour of one host costs. */
export const useHostRateStore = defineStore('hostRate', () => {
  const host = ref('')
  const rate = resource<HostRate>(() => hostApi.hostRate(host.value))

  function open(which: string): void {
    if (which !== host.value) rate.clear()
    host.value = which
    void rate.load()
  }

  async function save(hourlyUsd: number | null, everybody: boolean): Promise<void> {
    rate.data.value = await hostApi.setHostRate(host.value, hourlyUsd, everybody)
  }

  return { host, rate, open, save }
})
