/** How far a rerun or a stop has come, as steps on a line. */

export type StepState = 'done' | 'now' | 'ahead' | 'failed'

export interface Step {
  /** Locale key under `steps`. */
  name: string
  state: StepState
}

interface Launch {
  status: string
  exit?: unknown
}

/** Words of an agent for a run that was told to end. */
const SIGNALLED = /stop|sign|term|kill|end/i

/** Requested, taken by an agent, running, over. Null for what no agent launches. */
export function launchSteps(command: Launch | null | undefined, batchStatus: string): Step[] | null {
  if (!command) return null
  const refused = ['failed', 'cancelled', 'expired'].includes(command.status)
  if (refused) return [{ name: 'requested', state: 'done' }, { name: command.status, state: 'failed' }]
  const taken = command.status !== 'pending'
  const over = command.status === 'exited' || Boolean(command.exit)
  return sequence(['requested', 'taken', 'running', 'exited'], over ? 3 : taken || reports(batchStatus) ? 1 : 0)
}

function reports(batchStatus: string): boolean {
  return batchStatus !== 'requested' && batchStatus !== 'pending'
}

/**
 * Asked, signalled, over. The server knows when an agent took the wish up; what an agent says of
 * the run it holds may be quicker. A script without an agent reads of the wish with its next report.
 */
export function stopSteps(batchStatus: string, held: { state: string } | null, signalledAt: string | null = null): Step[] | null {
  if (batchStatus !== 'stopping') return null
  const signalled = signalledAt !== null || (held !== null && SIGNALLED.test(held.state))
  return sequence(['asked', held || signalled ? 'signalled' : 'told', 'exited'], signalled ? 1 : 0)
}

/** `reached`: the last step that is over. */
function sequence(names: readonly string[], reached: number): Step[] {
  return names.map((name, i) => ({ name, state: i <= reached ? 'done' : i === reached + 1 ? 'now' : 'ahead' }))
}
