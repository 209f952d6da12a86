import { describe, expect, it } from 'vitest'
import type { Batch, Job } from '@/api/types'
import type { WireEvent } from './event'
import { reduce } from './reducer'
import { withSnapshot } from './snapshot'
import { EMPTY_VIEW, type RunView } from './view'

const BATCH = { id: 'b', project: 'p', status: 'running', n_done: 0, n_failed: 0, n_total: 2 } as Batch

function at(second: number): string {
  return `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`
}

function event(event_type: string, second: number, data: Record<string, unknown> = {}, job_id: string | null = 'j1'): WireEvent {
  return { event_type, timestamp: at(second), batch_id: 'b', job_id, event_id: null, channel: 'batch:b', source: {}, data }
}

function viewOf(jobs: Partial<Job>[] = []): RunView {
  const snapshot = { batch: BATCH, jobs: jobs as Job[], epochs: [], logs: [], gauges: null }
  return withSnapshot(EMPTY_VIEW, snapshot)
}

const RUN = [
  event('job_start', 1, { model: 'm', dataset: 'd' }),
  event('job_epoch', 2, { epoch: 0, train_loss: 1 }),
  event('job_epoch', 3, { epoch: 1, train_loss: 'NaN' }),
  event('log_line', 3, { line: 'hello', level: 'WARN' }),
  event('job_done', 4, { status: 'DONE', elapsed_s: 3.7, metrics: { acc: 0.9 } }),
]

describe('events', () => {
  it('build up a job from start to end', () => {
    const view = reduce(viewOf(), RUN)
    const job = view.jobs.get('j1')
    expect(job).toMatchObject({ status: 'done', model: 'm', dataset: 'd', elapsed_s: 3, metrics: { acc: 0.9 }, end_time: at(4) })
    expect(view.series.get('j1')?.columns.get('train_loss')).toEqual([1, 'NaN'])
    expect(view.logs.lines).toMatchObject([{ line: 'hello', level: 'warn' }])
    expect(view.batch).toMatchObject({ n_done: 1, n_failed: 0, status: 'running', last_event_at: at(4) })
  })

  it('change nothing when they are replayed', () => {
    const once = reduce(viewOf(), RUN)
    const twice = reduce(once, RUN.filter((e) => e.event_type !== 'log_line'))
    expect(twice).toEqual(once)
    expect(twice.series.get('j1')).toBe(once.series.get('j1'))
  })

  it('leave the given view untouched and share what they do not touch', () => {
    const before = reduce(viewOf(), [event('job_epoch', 1, { epoch: 0, train_loss: 1 }), event('job_epoch', 1, { epoch: 0, train_loss: 2 }, 'j2')])
    const after = reduce(before, [event('job_epoch', 2, { epoch: 1, train_loss: 0.5 })])
    expect(before.series.get('j1')?.epochs).toEqual([0])
    expect(after.series.get('j1')?.epochs).toEqual([0, 1])
    expect(after.series.get('j2')).toBe(before.series.get('j2'))
    expect(after.jobs).toBe(before.jobs)
  })

  it('take the reason of a failure from either key', () => {
    const view = reduce(viewOf(), [event('job_failed', 1, { reason: 'ValueError: bad' }), event('job_failed', 1, { error: 'oom' }, 'j2')])
    expect([...view.jobs.values()].map((job) => [job.status, job.error])).toEqual([['failed', 'ValueError: bad'], ['failed', 'oom']])
    expect(view.batch?.n_failed).toBe(2)
  })

  it('let a job start again, but not because of an old start', () => {
    const ended = viewOf([{ id: 'j1', batch_id: 'b', status: 'done', end_time: at(9) }])
    expect(reduce(ended, [event('job_start', 5)]).jobs.get('j1')?.status).toBe('done')
    expect(reduce(ended, [event('job_start', 10)]).jobs.get('j1')).toMatchObject({ status: 'running', end_time: null })
  })

  it('move the batch through stop and end', () => {
    const stopping = reduce(viewOf(), [event('batch_stop_requested', 1, {}, null)])
    expect(stopping.batch?.status).toBe('stopping')
    const failed = reduce(stopping, [event('batch_failed', 2, { reason: 'stopped by user' }, null)])
    expect(failed.batch).toMatchObject({ status: 'failed', end_time: at(2), error: 'stopped by user' })
  })

  it('make no job and no line of a heartbeat', () => {
    const view = reduce(viewOf(), [event('log_line', 1, { line: 'heartbeat', level: 'debug', ts_unix: 1.5 }, 'b')])
    expect([view.jobs.size, view.logs.lines.length]).toEqual([0, 0])
  })

  it('survive kinds and shapes nobody has heard of', () => {
    const odd = [event('from_the_future', 1), event('job_epoch', 1, { epoch: 'x' }), event('log_line', 1, {}), event('job_done', 1, {}, null)]
    expect(reduce(viewOf(), odd).jobs.size).toBe(0)
  })

  it('show gauges under the names of the resources route', () => {
    const view = reduce(viewOf(), [event('resource_snapshot', 1, { gpu_util_pct: 50, disk_free_mb: 2048, host: 'h' }, null)])
    expect(view.gauges?.values).toMatchObject({ gpu_util: 50, disk_free_gb: 2 })
  })
})

describe('a reading', () => {
  it('joins with events that came before it', () => {
    const early = reduce(EMPTY_VIEW, [event('job_epoch', 3, { epoch: 1, train_loss: 0.5 })])
    const snapshot = {
      batch: BATCH,
      jobs: [{ id: 'j1', batch_id: 'b', status: 'running' } as Job],
      epochs: [{ job_id: 'j1', points: [{ timestamp: at(2), epoch: 0, train_loss: 1 }] }],
      logs: [],
      gauges: null,
    }
    expect(withSnapshot(early, snapshot).series.get('j1')?.epochs).toEqual([0, 1])
  })
})
