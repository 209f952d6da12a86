import { type APIRequestContext, expect } from '@playwright/test'

export interface Order {
  id: string
  kind: 'rerun' | 'stop'
  batch_id: string
  payload: Readonly<Record<string, unknown>>
}

/** The host's side of the protocol, without a host: answers the test chooses. */
export class StandInAgent {
  private constructor(
    private readonly request: APIRequestContext,
    readonly id: string,
    private readonly token: string,
  ) {}

  static async register(request: APIRequestContext, userToken: string, hostname: string): Promise<StandInAgent> {
    const answer = await request.post('/api/agents/register', {
      headers: { Authorization: `Bearer ${userToken}` },
      data: { hostname, version: '9.9.9', capabilities: ['rerun', 'stop', 'watchdog'], machine_id: hostname, uid: 1000 },
    })
    expect(answer.status()).toBe(201)
    const { agent_id, agent_token } = await answer.json()
    return new StandInAgent(request, agent_id, agent_token)
  }

  async post(path: string, data: unknown): Promise<unknown> {
    const answer = await this.request.post(path, { headers: { Authorization: `Bearer ${this.token}` }, data })
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
    return answer.status() === 204 ? null : answer.json()
  }

  /** The next order, waited for. */
  async next(): Promise<Order> {
    for (let round = 0; round < 10; round += 1) {
      const answer = await this.request.get(`/api/agents/${this.id}/jobs?wait=5`, { headers: { Authorization: `Bearer ${this.token}` } })
      const [first] = (await answer.json()).jobs as Order[]
      if (first) return first
    }
    throw new Error('no order came')
  }

  started(order: Order): Promise<unknown> {
    return this.post(`/api/agents/${this.id}/jobs/${order.id}/ack`, { status: 'started', pid: 4711 })
  }

  refused(order: Order, reason: string, error: string): Promise<unknown> {
    return this.post(`/api/agents/${this.id}/jobs/${order.id}/ack`, { status: 'failed', reason, error })
  }

  ended(order: Order, exit_code: number, last_lines: readonly string[]): Promise<unknown> {
    return this.post(`/api/agents/${this.id}/jobs/${order.id}/exit`, { exit_code, signal: null, reason: 'exited', last_lines })
  }

  beat(state: { policy?: unknown; runs?: unknown[] }): Promise<unknown> {
    return this.post(`/api/agents/${this.id}/heartbeat`, { version: '9.9.9', ...state })
  }
}
