import { type APIRequestContext, expect } from '@playwright/test'
import { PASSWORD, report, type ReportedEvent } from './fixtures'

/** Names without a place to break a line, as long as they may be. */
const long = (start: string, length: number) => `${start}${'_abcdefghijklmnopqrstuvwxyz0123456789'.repeat(8)}`.slice(0, length)

export const BATCH = long('batch', 120)
export const JOB = long('job', 200)
export const STAGE = {
  user: long('ada', 32),
  other: long('other', 120),
  project: long('project', 120),
  host: long('host', 120),
  study: long('study', 100),
}

/** Two batches of which everything has such a name. */
export async function longNamed(request: APIRequestContext, token: string): Promise<void> {
  for (const batch of [BATCH, STAGE.other]) await report(request, token, batch, events(), STAGE.project, { host: STAGE.host, user: STAGE.user })
  const session = await (await request.post('/api/auth/login', { data: { username_or_email: STAGE.user, password: PASSWORD } })).json()
  const opened = await request.patch(`/api/projects/${STAGE.project}`, {
    headers: { Authorization: `Bearer ${session.access_token}` },
    data: { name: long('name', 200), description: long('description', 250), visibility: 'public', baseline_batch_id: STAGE.other },
  })
  expect(opened.status()).toBe(200)
}

function events(): ReportedEvent[] {
  const failed = long('failed', 200)
  const optuna = (trial: number) => ({ study_name: STAGE.study, trial_id: trial, params: { [long('parameter', 80)]: trial }, sampler: long('sampler', 60) })
  const metrics = { [long('metric', 100)]: 0.5, [long('measure', 100)]: 1e-9 }
  return [
    ['batch_start', null, { n_total_jobs: 3, command: `python ${long('/home', 250)}`, experiment_type: long('kind', 60) }],
    ['env_snapshot', null, { env: { cwd: long('/home', 250), hostname: STAGE.host, git_branch: long('branch', 120), packages: { [long('package', 90)]: long('1.0', 90) } } }],
    ['job_start', JOB, { model: long('model', 120), dataset: long('dataset', 120), optuna: optuna(1) }],
    ['job_epoch', JOB, { epoch: 0, train_loss: 1, ...metrics }],
    ['job_epoch', JOB, { epoch: 1, train_loss: 0.5, ...metrics }],
    ['log_line', JOB, { line: long('line', 250), level: 'error' }],
    ['job_done', JOB, { status: 'DONE', metrics }],
    ['job_start', failed, { model: long('model', 120), dataset: long('data', 120), optuna: optuna(2) }],
    ['job_failed', failed, { reason: long('RuntimeError:', 250) }],
    ['job_start', 'running', { model: long('model', 120), dataset: long('data', 120), optuna: optuna(3) }],
    ['resource_snapshot', null, { host: STAGE.host, gpu_util_pct: 99.5, gpu_mem_mb: 81_000, gpu_mem_total_mb: 81_559, gpu_temp_c: 71, cpu_util_pct: 100, ram_mb: 1_031_000, ram_total_mb: 1_031_855, disk_free_mb: 9_000_000, disk_total_mb: 20_000_000 }],
  ]
}
