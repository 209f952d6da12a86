/** Thresholds of the rules that watch runs, as a form and as what is sent. */

export const RULES = ['stalled', 'idle', 'diverged', 'out_of_memory'] as const

/** Numbers of the form, with their bounds. Empty means: as in the whole installation. */
export const THRESHOLDS = {
  stall_timeout_min: { min: 1, max: 10_080, step: 1 },
  idle_threshold_min: { min: 1, max: 10_080, step: 1 },
  stop_grace_min: { min: 1, max: 10_080, step: 1 },
  divergence_ratio: { min: 1, max: 1_000_000, step: 'any' },
  divergence_window: { min: 2, max: 20, step: 1 },
} as const
export type Threshold = keyof typeof THRESHOLDS
export const THRESHOLD_NAMES = Object.keys(THRESHOLDS) as Threshold[]

export type ThresholdForm = Record<Threshold, number | ''> & { idle_auto_stop: boolean }

type Stored = Partial<Record<Threshold, number | null | undefined>> & { idle_auto_stop?: boolean }

export function formOf(stored: Stored | null | undefined): ThresholdForm {
  const numbers = THRESHOLD_NAMES.map((name) => [name, stored?.[name] ?? ''] as const)
  return { ...(Object.fromEntries(numbers) as Record<Threshold, number | ''>), idle_auto_stop: stored?.idle_auto_stop ?? false }
}

/** Everything is sent: null takes a project's own value back. */
export function wishOf(form: ThresholdForm): Record<Threshold, number | null> & { idle_auto_stop: boolean } {
  const numbers = THRESHOLD_NAMES.map((name) => [name, form[name] === '' ? null : Number(form[name])] as const)
  return { ...(Object.fromEntries(numbers) as Record<Threshold, number | null>), idle_auto_stop: form.idle_auto_stop }
}

interface Finding {
  rule: string
}

/** How often each rule fired, the busiest first. */
export function countByRule(findings: readonly Finding[]): [rule: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}
