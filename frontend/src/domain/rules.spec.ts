import { describe, expect, it } from 'vitest'
import { emailProblem, passwordProblem, safeTarget, usernameProblem } from './credentials'
import { batchStatusAfter, canStop, hasEnded, toneOf } from './status'

describe('statuses', () => {
  it('gives every word a tone, unknown ones a calm one', () => {
    expect(['running', 'FAILED', 'stopping', null, 'weird'].map(toneOf)).toEqual(['running', 'failed', 'warn', 'pending', 'done'])
  })

  it('knows what a stop can still reach', () => {
    expect(['running', 'stalled', 'divergent'].map(canStop)).toEqual([true, true, true])
    expect(['stopping', 'done', 'failed', 'stopped'].map(canStop)).toEqual([false, false, false, false])
    expect(hasEnded('stopping')).toBe(false)
  })

  it.each([
    ['done', 'batch_start', {}, 'done'],
    ['failed', 'batch_start', {}, 'running'],
    ['running', 'batch_stop_requested', {}, 'stopping'],
    ['done', 'batch_stop_requested', {}, 'done'],
    ['stopping', 'batch_stopped', {}, 'stopped'],
    ['stopping', 'batch_done', { status: 'STOPPED' }, 'stopped'],
    ['stopping', 'batch_done', { n_done: 1 }, 'done'],
    ['requested', 'rerun_started', {}, 'running'],
    ['stopping', 'rerun_started', {}, 'stopping'],
    ['stopping', 'job_epoch', {}, 'stopping'],
    ['stalled', 'job_epoch', {}, 'running'],
    ['divergent', 'job_epoch', { val_loss: 'NaN' }, 'divergent'],
    ['divergent', 'job_epoch', { val_loss: 0.5 }, 'running'],
    ['done', 'log_line', {}, 'done'],
  ])('%s after %s %o is %s', (before, kind, data, after) => expect(batchStatusAfter(before, kind, data)).toBe(after))
})

describe('new accounts', () => {
  it('follows the rules of the server', () => {
    expect(usernameProblem('ab')).not.toBeNull()
    expect(usernameProblem('ada_l-1')).toBeNull()
    expect(emailProblem('a@b')).not.toBeNull()
    expect(emailProblem(' ada@example.org ')).toBeNull()
    expect(passwordProblem('short1')).toBe('auth.problem.passwordShort')
    expect(passwordProblem('onlyletters')).toBe('auth.problem.passwordPlain')
    expect(passwordProblem('密码密码密码密码密码1')).toBeNull()
  })
})

describe('the way back after login', () => {
  it('stays on this site', () => {
    expect(safeTarget('/batches/a?x=1')).toBe('/batches/a?x=1')
    for (const outside of ['//evil.example', '/\\evil.example', 'https://evil.example', undefined, ['/a']]) {
      expect(safeTarget(outside)).toBe('/')
    }
  })
})
