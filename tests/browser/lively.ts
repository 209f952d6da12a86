import { type APIRequestContext, expect } from '@playwright/test'
import { StandInAgent } from './agent'
import { PASSWORD, report } from './fixtures'
import { ORDINARY, ordinary } from './stage'

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const record = (kind: string, minutes: number, data: object) => ({ id: crypto.randomUUID(), kind, ts: ago(minutes), data: { ts: ago(minutes), ...data } })

/** A lab in the middle of its week: everything a page can show has something to show. */
export async function lively(request: APIRequestContext, token: string): Promise<void> {
  await ordinary(request, token)
  const session = await (await request.post('/api/auth/login', { data: { username_or_email: 'ada', password: PASSWORD } })).json()
  const headers = { Authorization: `Bearer ${session.access_token}` }
  const done = async (answer: Promise<{ ok(): boolean; text(): Promise<string> }>) => expect((await answer).ok(), await (await answer).text()).toBe(true)
  await done(request.patch(`/api/projects/${ORDINARY.project}`, { headers, data: { visibility: 'public', description: 'Image classification on small pictures.', baseline_batch_id: ORDINARY.other } }))
  await done(request.patch(`/api/batches/${ORDINARY.batch}`, { headers, data: { tags: ['paper', 'lr-sweep'], notes: 'Learning rates for the camera-ready version.' } }))
  await report(request, token, ORDINARY.batch, [
    ['log_line', 'resnet50-svhn', { level: 'error', line: 'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB' }],
    ['log_line', 'vit-small-svhn', { level: 'debug', line: 'prefetch queue: 64 of 64' }],
  ], ORDINARY.project, { host: ORDINARY.host, user: 'ada' })
  await files(request, headers)
  const agent = await StandInAgent.register(request, token, ORDINARY.host)
  await agent.beat({ policy: { approve: 'ask', summary: ['runs python below /srv/runs', 'at most one run a GPU'] }, runs: [{ cmd_id: 'c', batch_id: ORDINARY.batch, pid: 48_213, state: 'running' }] })
  await agent.post('/api/watchdog/heartbeat', { host: ORDINARY.host, version: '0.1.0', cycle: { ms: 11, problems: 1, actions: 1 }, mode: 'live' })
  await agent.post('/api/watchdog/reports', {
    host: ORDINARY.host,
    items: [
      record('problem', 3_400, { severity: 'warning', type: 'memory', description: 'memory is 91 % full', runs: [] }),
      record('problem', 700, { severity: 'warning', type: 'disk', description: '/data is 91 % full', runs: [] }),
      record('problem', 6, { severity: 'critical', type: 'disk', description: '/data is 97 % full', action_taken: 'clean_disk:tmp', action_result: 'success', runs: [{ batch_id: ORDINARY.batch, pid: 48_213 }] }),
      record('action', 5, { action: 'clean_disk', target: '/data/tmp', reason: 'it is 97 % full', verdict: 'done', result: '12 GB freed', recovery: 'recovered' }),
      record('ask', 1, { action: 'restart_service', target: 'nvidia-persistenced', digest: 'd-1', reason: 'it failed three times', expires_at: new Date(Date.now() + 3_600_000).toISOString() }),
    ],
  })
}

/** A small picture and a table, as a script attaches them. */
async function files(request: APIRequestContext, headers: Record<string, string>): Promise<void> {
  const picture = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160"><rect width="240" height="160" fill="#0a5"/></svg>')
  const named = [
    { name: 'confusion.png', mimeType: 'image/png', buffer: PICTURE },
    { name: 'report.csv', mimeType: 'text/csv', buffer: Buffer.from('epoch,loss\n0,1.2\n1,0.7\n') },
    { name: 'legend.svg', mimeType: 'image/svg+xml', buffer: picture },
  ]
  for (const file of named) {
    const answer = await request.post(`/api/batches/${ORDINARY.batch}/artifacts`, { headers, multipart: { file, label: file.name.replace(/\..*/, '') } })
    expect(answer.ok(), await answer.text()).toBe(true)
  }
}

/** Nine by nine blocks, as a confusion matrix is. */
const PICTURE = Buffer.from(
  [
    'iVBORw0KGgoAAAANSUhEUgAAAJAAAACQCAIAAABoJHXvAAACEElEQVR42u3d2yrlARjGYZfBsl32i4hMmgnZRzaR7CJqppkkkmwiiqhVlKKcuj+3MdfwHij/eup3B8/h19dbM/XxGdW19hTVvnAXVZ48j6rr3Yqq',
    'rawXuhpgwIABAwYMGDBgwIABAwYMGDBgwIABAwYMGDBgEVj3xktUCty5Uo1qm7uJahk/jWoc/hcFDBgwYMCAAQMGDBgwYMCAAQMGDBgwYMCAAQMGrNhg5amLqK6156gUuGfnPap15iqqefQ4quHHnyhgwIABAwYM',
    'GDBgwIABAwYMGDBgwIABAwYMGDBg3wuseewkqmP5MapztRqVAle2XqPSg2rTr8Oo+sH9KGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGBfC1bbuxnVNHIU1b54H9Wz+x6VAqcPjB1LD1Hpw2CpfzcKGDBgwIAB',
    'AwYMGDBgwIABAwYMGDBgwIABAwYMWAgWHtAahv9GNf48iGqbv42qbL9FFX3gDhgwYMCAAQMGDBgwYMCAAQMGDBgwYMCAAQMGDNjXgqXVD/2OKk9fRrXOXkcVfeAOGDBgwIABAwYMGDBgwIABAwYMGDBgwIABAwYM',
    '2PcCSysN7EW1TJxFFX3gDhgwYMCAAQMGDBgwYMCAAQMGDBgwYMCAAQMGDFixwdLq+naiij5wBwwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBizqP+faxjkmthCMAAAAAElFTkSuQmCC',
  ].join(''),
  'base64',
)
