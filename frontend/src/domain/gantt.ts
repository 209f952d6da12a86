/** Bars of jobs on one axis of time. */
import { instant } from './duration'

export interface Spell {
  id: string
  status: string
  start_time: string
  end_time?: string | null | undefined
}

export interface Bar {
  id: string
  status: string
  /** Of 1, from the start of the axis. */
  from: number
  width: number
  seconds: number
}

export interface Axis {
  start: number
  end: number
}

export function axisOf(spells: readonly Spell[], now: number): Axis {
  const starts = spells.map((spell) => instant(spell.start_time)).filter((at) => at !== null)
  const ends = spells.map((spell) => (spell.end_time ? instant(spell.end_time) : now)).filter((at) => at !== null)
  const start = starts.length > 0 ? Math.min(...starts) : now
  return { start, end: Math.max(start + 1000, ...ends) }
}

export function barsOf(spells: readonly Spell[], axis: Axis, now: number): Bar[] {
  const span = axis.end - axis.start
  return spells.flatMap((spell) => {
    const start = instant(spell.start_time)
    if (start === null) return []
    const end = Math.max(start, (spell.end_time ? instant(spell.end_time) : now) ?? now)
    return [{ id: spell.id, status: spell.status, from: (start - axis.start) / span, width: (end - start) / span, seconds: (end - start) / 1000 }]
  })
}
