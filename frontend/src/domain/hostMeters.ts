/** What a host's gauges show as bars. */

export interface Gauges {
  gpu_util_pct?: number | null | undefined
  gpu_mem_mb?: number | null | undefined
  gpu_mem_total_mb?: number | null | undefined
  cpu_util_pct?: number | null | undefined
  ram_mb?: number | null | undefined
  ram_total_mb?: number | null | undefined
  disk_free_mb?: number | null | undefined
  disk_total_mb?: number | null | undefined
}

export interface Meter {
  key: 'gpu' | 'vram' | 'cpu' | 'ram' | 'disk'
  unit: 'percent' | 'megabytes'
  used: number
  total: number | null
  /** Of 1; null when the whole is unknown. */
  share: number | null
  /** Little room is left; a busy processor is no such case. */
  tight: boolean
}

const TIGHT = 0.92

export function hostMeters(gauges: Gauges): Meter[] {
  const meters: Meter[] = []
  const percent = (key: Meter['key'], value: number | null | undefined) => {
    if (typeof value === 'number') meters.push({ key, unit: 'percent', used: value, total: 100, share: value / 100, tight: false })
  }
  const memory = (key: Meter['key'], used: number | null | undefined, total: number | null | undefined) => {
    if (typeof used !== 'number') return
    const share = total ? used / total : null
    meters.push({ key, unit: 'megabytes', used, total: total ?? null, share, tight: (share ?? 0) > TIGHT })
  }
  percent('gpu', gauges.gpu_util_pct)
  memory('vram', gauges.gpu_mem_mb, gauges.gpu_mem_total_mb)
  percent('cpu', gauges.cpu_util_pct)
  memory('ram', gauges.ram_mb, gauges.ram_total_mb)
  const { disk_free_mb: free, disk_total_mb: whole } = gauges
  if (typeof free === 'number') {
    const share = whole ? (whole - free) / whole : null
    meters.push({ key: 'disk', unit: 'megabytes', used: free, total: null, share, tight: (share ?? 0) > TIGHT })
  }
  return meters
}
