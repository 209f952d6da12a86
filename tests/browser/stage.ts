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

/** A lab's ordinary week: a sweep at work with a failure and a gap, one that has ended, a study and a host. */
export const ORDINARY = { batch: 'resnet-sweep', other: 'vit-baseline', job: 'resnet18-cifar10', project: 'vision', host: 'gpu-01', study: 'lr-search' }
const MODELS = ['resnet18', 'resnet50', 'vit-small']
const DATASETS = ['cifar10', 'cifar100', 'svhn']

export async function ordinary(request: APIRequestContext, token: string): Promise<void> {
  const source = { host: ORDINARY.host, user: 'ada' }
  await report(request, token, ORDINARY.other, sweep(0.9), ORDINARY.project, source)
  await report(request, token, ORDINARY.other, [['batch_done', null, {}]], ORDINARY.project, source)
  await report(request, token, ORDINARY.batch, sweep(1), ORDINARY.project, source)
}

/** Minutes since the job of this order began: two at a time, the last two at work. */
const began = (order: number) => 30 + 18 * (4 - Math.floor(order / 2))

function sweep(scale: number): ReportedEvent[] {
  const jobs = MODELS.flatMap((model, i) => DATASETS.map((dataset, k) => ({ id: `${model}-${dataset}`, model, dataset, order: 3 * i + k })))
  return [
    ['batch_start', null, { n_total_jobs: jobs.length, command: 'python train.py --config configs/sweep.yaml --epochs 30', experiment_type: 'sweep' }, began(0)],
    ['env_snapshot', null, { cwd: '/home/ada/vision', hostname: ORDINARY.host, python_version: '3.12.4', git_branch: 'main', git_sha: '3f2c91d', git_dirty: false, pip_freeze: ['numpy==2.1.0', 'torch==2.6.0'] }],
    ...jobs.flatMap((job) => run(job, scale)),
    ...Array.from({ length: GAUGES }, (_, i): ReportedEvent => ['resource_snapshot', null, gauges(GAUGES - 1 - i, scale), 3 * (GAUGES - 1 - i)]),
  ]
}

const GAUGES = 20

/** The host and this batch's part of it, some steps ago. */
function gauges(back: number, scale: number): Record<string, unknown> {
  const wave = Math.sin(back / 3)
  const own = { proc_gpu_mem_mb: 8_200 * scale - 300 * wave, proc_ram_mb: 14_000 * scale, proc_cpu_pct: 40 + 6 * wave }
  return { host: ORDINARY.host, gpu_util_pct: 87 - 9 * Math.abs(wave), gpu_mem_mb: 18_400 - 600 * wave, gpu_mem_total_mb: 24_576, gpu_temp_c: 71, cpu_util_pct: 34 + 8 * wave, ram_mb: 41_000 + 900 * wave, ram_total_mb: 128_000, disk_free_mb: 410_000, disk_total_mb: 1_900_000, ...own }
}

function run({ id, model, dataset, order }: { id: string; model: string; dataset: string; order: number }, scale: number): ReportedEvent[] {
  const atWork = scale === 1 && order > 6
  const loss = (epoch: number) => scale * (0.15 + 0.04 * order + 1.6 * Math.exp(-epoch / (4 + order)) + 0.02 * Math.sin(3 * epoch + order))
  const start = began(order)
  const length = atWork ? 14 : 30
  const step = atWork ? start / length : (15 + order) / length
  const epochs = Array.from({ length }, (_, epoch): ReportedEvent => [
    'job_epoch', id, { epoch, train_loss: order === 4 && epoch > 8 && epoch < 12 ? null : loss(epoch), val_loss: loss(epoch) * 1.15, lr: 0.001 * 0.9 ** epoch, accuracy: 1 - loss(epoch) / 2.5 }, start - step * (epoch + 1),
  ])
  const end = start - step * length
  const log: ReportedEvent = ['log_line', id, { line: `epoch ${epochs.length - 1}: val_loss ${(loss(epochs.length - 1) * 1.15).toFixed(4)}`, level: order === 5 ? 'warning' : 'info' }, end]
  const first: ReportedEvent = ['job_start', id, { model, dataset, optuna: { study_name: ORDINARY.study, trial_id: order, params: { lr: 0.001 * (order + 1), depth: 18 + order, optimizer: order % 2 ? 'adam' : 'sgd' }, sampler: 'TPE', value: loss(29) } }, start]
  if (atWork) return [first, ...epochs, log]
  if (order === 5) return [first, ...epochs.slice(0, 9), log, ['job_failed', id, { reason: 'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB', elapsed_s: 412 }, start - 7]]
  return [first, ...epochs, log, ['job_done', id, { status: 'DONE', elapsed_s: 900 + 60 * order, train_epochs: 30, metrics: { MSE: loss(29), accuracy: 1 - loss(29) / 2.5, R2: 0.95 - 0.03 * order } }, end]]
}
