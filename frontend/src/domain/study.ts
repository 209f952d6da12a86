/** What the pages of studies compute from trials. */
import type { Direction } from './direction'

export interface StudyTrial {
  trial_id: string | number
  value?: number | null | undefined
  params: Readonly<Record<string, unknown>>
}

/** The best value seen up to each trial, in the order of their numbers. */
export function bestSoFar(trials: readonly StudyTrial[], direction: Direction): [trial: number, value: number][] {
  let best: number | null = null
  const found: [number, number][] = []
  for (const trial of ordered(trials)) {
    if (typeof trial.value !== 'number') continue
    if (best === null || (direction === 'minimize' ? trial.value < best : trial.value > best)) best = trial.value
    found.push([Number(trial.trial_id), best])
  }
  return found
}

export function ordered<T extends StudyTrial>(trials: readonly T[]): T[] {
  return [...trials].sort((a, b) => Number(a.trial_id) - Number(b.trial_id))
}

/** How good each value is among all, 0 the worst and 1 the best. */
export function strengths(values: readonly number[], direction: Direction): number[] {
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  return values.map((value) => (direction === 'minimize' ? 1 - (value - low) / span : (value - low) / span))
}

/** Positive numbers over more than two powers of ten are read more easily on a log axis. */
export function wantsLog(values: readonly unknown[]): boolean {
  const numbers = values.filter((value) => typeof value === 'number')
  return numbers.length > 1 && numbers.every((value) => value > 0) && Math.max(...numbers) / Math.min(...numbers) > 100
}
