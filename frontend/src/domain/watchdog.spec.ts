import { describe, expect, it } from 'vitest'
import { incidentAxis } from './incidents'
import { launchSteps, stopSteps } from './runSteps'
import { bucketSecs, stripOf } from './telemetry'
import { deedOf, isTroubled, openAsks, patternsOf, problemOf, recoveryOf, troubleSlots } from './watchdog'

const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z`
const now = Date.parse(at(59))
const record = (kind: string, minute: number, data: unknown) => ({ id: `${kind}-${minute}`, kind, ts: at(minute), data })

describe('records of a watchdog', () => {
  it('are read whatever a host puts into them', () => {
    const problem = problemOf(record('problem', 1, { severity: 'critical', type: 'disk', description: 'full', runs: [{ batch_id: 'b', pid: 7 }, 'c', 8], action_taken: '' }))
    expect(problem).toMatchObject({ severity: 'critical', type: 'disk', runs: ['b', 'c'], taken: null })
    expect(problemOf(record('problem', 1, null))).toMatchObject({ severity: 'info', type: '', runs: [] })
    expect(deedOf(record('action', 2, { action: 'kill_pid', target: 'x', verdict: 'refused', job: { batch_id: 'b', job_id: 'j' } })).job).toEqual({ batchId: 'b', jobId: 'j' })
    expect(deedOf(record('action', 2, 5)).job).toBeNull()
  })

  it('show each question until it is answered or over', () => {
    const ask = (minute: number, digest: string, until: number) => record('ask', minute, { action: 'restart_service', target: 'db', digest, expires_at: at(until) })
    const open = openAsks([ask(50, 'a', 58), ask(51, 'b', 59), { ...ask(52, 'c', 1), data: { digest: 'c' } }, ask(40, 'c', 58), ask(53, 'd', 58)], [{ digest: 'd' }], Date.parse(at(57)))
    expect(open.map(({ digest }) => digest)).toEqual(['a', 'b', 'c'])
  })

  it('are counted by time and by kind', () => {
    const problems = [1, 30, 31, 58].map((minute) => problemOf(record('problem', minute, { severity: minute === 58 ? 'critical' : 'warning', type: minute === 1 ? 'swap' : 'disk' })))
    const slots = troubleSlots(problems, now, 59 * 60_000, 2)
    expect(slots.map(({ critical, warning }) => [critical, warning])).toEqual([[0, 1], [1, 2]])
    expect(patternsOf(problems).map(({ type, count }) => [type, count])).toEqual([['disk', 3], ['swap', 1]])
  })

  it('tell how often an action helped', () => {
    const deeds = [['done', 'recovered'], ['done', 'escalated'], ['done', null], ['dry_run', 'recovered']].map(([verdict, recovery], i) => deedOf(record('action', i, { verdict, recovery })))
    expect(recoveryOf(deeds)).toEqual({ known: 2, recovered: 1 })
  })

  it('make a host worth a look when it is silent or in trouble', () => {
    const problem = (severity: string) => ({ ts: at(50), severity })
    expect(isTroubled({ online: false }, now, 3_600_000)).toBe(true)
    expect(isTroubled({ online: true, last_problem: problem('info') }, now, 3_600_000)).toBe(false)
    expect(isTroubled({ online: true, last_problem: problem('warning') }, now, 3_600_000)).toBe(true)
    expect(isTroubled({ online: true, last_problem: problem('warning') }, now, 60_000)).toBe(false)
  })
})

describe('what happened around a job', () => {
  it('lies on one axis, by lane', () => {
    const items = [{ ts: at(0), kind: 'job_start', severity: 'info' }, { ts: at(5), kind: 'host_problem', severity: 'warn' }, { ts: at(10), kind: 'job_end', severity: 'error' }]
    const axis = incidentAxis(items, [at(2), at(4)])
    expect(axis?.lanes.map(({ lane, marks }) => [lane, marks.map((mark) => mark.at)])).toEqual([['run', [0, 1]], ['epochs', [0.2, 0.4]], ['problems', [0.5]]])
    expect(incidentAxis([], [])).toBeNull()
  })
})

describe('steps of a run', () => {
  const states = (steps: ReturnType<typeof launchSteps>) => steps?.map(({ name, state }) => `${name}:${state}`)

  it('follow a launch', () => {
    expect(states(launchSteps({ status: 'pending' }, 'requested'))).toEqual(['requested:done', 'taken:now', 'running:ahead', 'exited:ahead'])
    expect(states(launchSteps({ status: 'started' }, 'running'))).toEqual(['requested:done', 'taken:done', 'running:now', 'exited:ahead'])
    expect(states(launchSteps({ status: 'exited' }, 'failed'))).toEqual(['requested:done', 'taken:done', 'running:done', 'exited:done'])
    expect(states(launchSteps({ status: 'failed' }, 'failed'))).toEqual(['requested:done', 'failed:failed'])
    expect(launchSteps(null, 'running')).toBeNull()
  })

  it('follow a stop', () => {
    expect(states(stopSteps('stopping', null))).toEqual(['asked:done', 'told:now', 'exited:ahead'])
    expect(states(stopSteps('stopping', { state: 'stopping' }))).toEqual(['asked:done', 'signalled:done', 'exited:now'])
    expect(stopSteps('running', null)).toBeNull()
  })
})

describe('the host while a job ran', () => {
  it('is cut at the end of the job', () => {
    const buckets = [1, 2, 3].map((minute) => ({ ts: at(minute), total: minute * 10 }))
    expect(stripOf({ metric: 'gpu_util_pct', buckets }, Date.parse(at(2)))).toMatchObject({ last: 20, mean: 15, peak: 20 })
    expect(stripOf({ metric: 'gpu_util_pct', buckets }, Date.parse(at(0)))).toBeNull()
    expect([bucketSecs(60), bucketSecs(1_200), bucketSecs(10_000_000)]).toEqual([10, 10, 3600])
  })
})
