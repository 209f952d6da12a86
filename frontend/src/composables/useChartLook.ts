import { computed, ref, watch } from 'vue'
import { X_MODES, type XMode } from '@/domain/axis'
import { useUrlQuery } from './useUrlQuery'

export interface ChartLook {
  x: XMode
  log: boolean
  logX: boolean
  /** 0 (off) to 0.95. */
  smoothing: number
  band: boolean
}

/** Browsers count how often an address changes; a slider moves more often than that. */
const PAUSE_MILLIS = 250
const MOST_SMOOTHING = 0.95

/** How the charts of a page are drawn; part of its address, so that a link shows the same picture. */
export function useChartLook() {
  const { values, set } = useUrlQuery(['x', 'log', 'smooth', 'band'])
  const smoothing = ref(clamped(values.value.smooth))
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = computed<ChartLook>({
    get: () => ({
      x: X_MODES.find((mode) => mode === values.value.x) ?? 'epoch',
      log: values.value.log.includes('y'),
      logX: values.value.log.includes('x') && values.value.x !== 'time',
      smoothing: smoothing.value,
      band: values.value.band === '1',
    }),
    set: (next) => {
      smoothing.value = next.smoothing
      const log = `${next.logX ? 'x' : ''}${next.log ? 'y' : ''}`
      clearTimeout(timer)
      const write = () => set({ x: next.x === 'epoch' ? '' : next.x, log, smooth: next.smoothing > 0 ? String(next.smoothing) : '', band: next.band ? '1' : '' })
      if (next.smoothing === clamped(values.value.smooth)) write()
      else timer = setTimeout(write, PAUSE_MILLIS)
    },
  })
  watch(() => values.value.smooth, (text) => (smoothing.value = clamped(text)))
  return look
}

function clamped(text: string): number {
  return Math.min(MOST_SMOOTHING, Math.max(0, Number(text) || 0))
}
