import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/projects'
import type { GuardrailTrial, GuardrailWish } from '@/api/types'

/** Batches of one answer: looking back costs the server a walk through their events. */
const BATCHES = 10

export interface Trial {
  /** Under the thresholds in force. */
  now: GuardrailTrial
  /** Under those of the form. */
  tried: GuardrailTrial
}

/** What thresholds would have found in a project's past. */
export const useGuardrailsStore = defineStore('guardrails', () => {
  const trial = shallowRef<Trial | null>(null)
  const wish = ref<GuardrailWish>({})

  async function look(project: string, thresholds: GuardrailWish): Promise<void> {
    const [now, tried] = await Promise.all([api.tryGuardrails(project, {}, BATCHES), api.tryGuardrails(project, thresholds, BATCHES)])
    wish.value = thresholds
    trial.value = { now, tried }
  }

  /** Goes on with older batches. */
  async function more(project: string): Promise<void> {
    const held = trial.value
    const cursor = held?.tried.next_cursor
    if (!held || !cursor) return
    const [now, tried] = await Promise.all([api.tryGuardrails(project, {}, BATCHES, cursor), api.tryGuardrails(project, wish.value, BATCHES, cursor)])
    trial.value = { now: joined(held.now, now), tried: joined(held.tried, tried) }
  }

  function forget(): void {
    trial.value = null
  }

  return { trial, look, more, forget }
})

function joined(newer: GuardrailTrial, older: GuardrailTrial): GuardrailTrial {
  return {
    ...older,
    batches: newer.batches + older.batches,
    fired: newer.fired + older.fired,
    gpu_hours_saved: newer.gpu_hours_saved + older.gpu_hours_saved,
    findings: [...newer.findings, ...older.findings],
    incomplete: [...newer.incomplete, ...older.incomplete],
  }
}
