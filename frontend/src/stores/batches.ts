import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/batches'
import { type ApiError, asApiError } from '@/api/errors'
import type { Batch, BulkDeleted } from '@/api/types'
import { hasEnded } from '@/domain/status'
import type { WireEvent } from '@/live/event'
import { useLiveStore } from './live'
import { extendSparks, lossOf, type Sparks, sparkOf } from '@/domain/sparks'

const PAGE = 50
const SPARKED = 12
/** Summaries are asked for again this soon after the events that change them. */
const REFRESH_MILLIS = 250
/** With more changed batches than this, the first page is read as a whole. */
const FEW = 8

export interface BatchFilter {
  /** The server's query language: `status:failed tag:nightly elapsed>3600`. */
  q: string
  status: string
  project: string
  scope: string
}

export const NO_FILTER: BatchFilter = { q: '', status: '', project: '', scope: '' }

/** The list of batches, kept current by events. */
export const useBatchesStore = defineStore('batches', () => {
  const live = useLiveStore()
  const rows = shallowRef<readonly Batch[]>([])
  const sparks = shallowRef<Sparks>(new Map())
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const error = shallowRef<ApiError | null>(null)
  const next = ref<string | null>(null)
  const filter = ref<BatchFilter>(NO_FILTER)
  const selected = ref<ReadonlySet<string>>(new Set())
  const changedIds = new Set<string>()
  let unsubscribe: (() => void) | null = null
  let refreshTimer: ReturnType<typeof setTimeout> | undefined
  let readTimer: ReturnType<typeof setTimeout> | undefined
  let reads = 0

  function open(): void {
    close()
    state.value = rows.value.length > 0 ? 'ready' : 'loading'
    unsubscribe = live.subscribe({
      channels: ['batches'],
      onEvents,
      onOpen: () => void load(),
      onResync: () => void load(),
    })
    readTimer = setTimeout(() => void load(), 600)
  }

  function close(): void {
    unsubscribe?.()
    unsubscribe = null
    clearTimeout(refreshTimer)
    clearTimeout(readTimer)
    refreshTimer = undefined
    changedIds.clear()
  }

  async function load(): Promise<void> {
    clearTimeout(readTimer)
    const own = ++reads
    try {
      const page = await api.listBatches({ ...asked(), limit: PAGE })
      if (own !== reads) return
      rows.value = page.rows
      next.value = page.next
      state.value = 'ready'
      error.value = null
      void loadSparks(page.rows.filter((batch) => !hasEnded(batch.status)))
    } catch (thrown) {
      if (own !== reads) return
      error.value = asApiError(thrown)
      if (rows.value.length === 0 || error.value.status === 422) state.value = 'failed'
      if (unsubscribe && error.value.status === 0) readTimer = setTimeout(() => void load(), 3_000)
    }
  }

  async function loadMore(): Promise<void> {
    if (!next.value) return
    const page = await api.listBatches({ ...asked(), limit: PAGE, cursor: next.value })
    const known = new Set(rows.value.map((batch) => batch.id))
    rows.value = [...rows.value, ...page.rows.filter((batch) => !known.has(batch.id))]
    next.value = page.next
  }

  async function loadSparks(active: readonly Batch[]): Promise<void> {
    for (const batch of active.slice(0, SPARKED)) {
      const spark = await api.latestEpochs(batch.id).then(sparkOf, () => null)
      if (spark && !sparks.value.has(batch.id)) sparks.value = new Map(sparks.value).set(batch.id, spark)
    }
  }

  function onEvents(events: readonly WireEvent[]): void {
    sparks.value = extendSparks(sparks.value, events.filter((event) => event.event_type === 'job_epoch').map(lossOf))
    const known = new Set(rows.value.map((batch) => batch.id))
    for (const event of events) {
      const detail = event.event_type === 'job_epoch' || event.event_type === 'log_line'
      if (event.event_type === 'resource_snapshot' || (detail && known.has(event.batch_id))) continue
      changedIds.add(event.batch_id)
    }
    if (changedIds.size > 0 && refreshTimer === undefined) refreshTimer = setTimeout(() => void refresh(), REFRESH_MILLIS)
  }

  async function refresh(): Promise<void> {
    const ids = [...changedIds]
    changedIds.clear()
    refreshTimer = undefined
    // Only the server can judge a query.
    if (ids.length > FEW || filter.value.q || filter.value.scope) return load()
    const fresh = await Promise.all(ids.map((id) => api.getBatch(id).catch(() => null)))
    const current = new Map(rows.value.map((batch) => [batch.id, batch]))
    for (const batch of fresh) {
      if (!batch) continue
      if (matches(batch)) current.set(batch.id, batch)
      else current.delete(batch.id)
    }
    rows.value = [...current.values()].sort(byStart)
  }

  function matches(batch: Batch): boolean {
    const { status, project } = filter.value
    return (!status || batch.status === status) && (!project || batch.project === project)
  }

  function asked(): api.BatchQuery {
    return Object.fromEntries(Object.entries(filter.value).filter(([, value]) => value !== ''))
  }

  async function applyFilter(chosen: BatchFilter): Promise<void> {
    filter.value = chosen
    rows.value = []
    selected.value = new Set()
    state.value = 'loading'
    await load()
  }

  function toggle(id: string): void {
    const next = new Set(selected.value)
    if (!next.delete(id)) next.add(id)
    selected.value = next
  }

  function select(ids: readonly string[]): void {
    selected.value = new Set(ids)
  }

  /** Asks each to stop; the rest goes on when one refuses, whose failure is thrown at the end. */
  async function stopSelected(): Promise<void> {
    const outcomes = await Promise.allSettled([...selected.value].map((id) => api.stopBatch(id)))
    selected.value = new Set()
    await load()
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    if (refused) throw refused.reason
  }

  /** Adds labels to each; the choice stays, for what is done next. */
  async function tagSelected(tags: readonly string[]): Promise<void> {
    const chosen = rows.value.filter((batch) => selected.value.has(batch.id))
    await Promise.all(chosen.map((batch) => api.editBatch(batch.id, { tags: [...new Set([...batch.tags, ...tags])] })))
    await load()
  }

  /** Deletes what has ended; the answer says what was left and why. */
  async function deleteSelected(): Promise<BulkDeleted> {
    const answer = await api.deleteBatches([...selected.value])
    selected.value = new Set(answer.skipped.map(({ id }) => id))
    await load()
    return answer
  }

  return { selected, toggle, select, stopSelected, tagSelected, deleteSelected, rows, sparks, state, error, next, filter, open, close, load, loadMore, applyFilter }
})

function byStart(a: Batch, b: Batch): number {
  const left = a.start_time ?? ''
  const right = b.start_time ?? ''
  return left === right ? 0 : left < right ? 1 : -1
}
