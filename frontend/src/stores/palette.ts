import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { listJobs } from '@/api/analysis'
import { listBatches } from '@/api/batches'
import { listHosts } from '@/api/hosts'
import { listProjects } from '@/api/projects'

export interface Found {
  kind: 'project' | 'batch' | 'job' | 'host'
  label: string
  about?: string | undefined
  to: { name: string; params: Record<string, string> }
}

const MOST = 8
const PAUSE_MILLIS = 120

/** What the palette finds on the server. Projects and hosts are few and read once. */
export const usePaletteStore = defineStore('palette', () => {
  const open = ref(false)
  const help = ref(false)
  const near = shallowRef<readonly Found[]>([])
  const far = shallowRef<readonly Found[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function prepare(): Promise<void> {
    const [projects, hosts] = await Promise.all([listProjects().catch(() => []), listHosts().catch(() => [])])
    near.value = [
      ...projects.map((card): Found => ({ kind: 'project', label: card.name, about: card.project, to: { name: 'project', params: { project: card.project } } })),
      ...hosts.map(({ host }): Found => ({ kind: 'host', label: host, to: { name: 'host', params: { host } } })),
    ]
    search('')
  }

  /** Asks once typing pauses; an answer that comes late is not shown. */
  function search(text: string): void {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(text.trim()), PAUSE_MILLIS)
  }

  async function ask(text: string): Promise<void> {
    const own = ++asked
    const [batches, jobs] = await Promise.all([
      listBatches({ text: text || undefined, limit: MOST }).catch(() => ({ rows: [] })),
      text === '' ? null : listJobs({ text, page: 1, page_size: MOST }).catch(() => null),
    ])
    if (own !== asked) return
    far.value = [
      ...batches.rows.map((batch): Found => ({ kind: 'batch', label: batch.name || batch.id, about: [batch.id, batch.project, batch.host].join(' '), to: { name: 'batch', params: { batchId: batch.id } } })),
      ...(jobs?.items ?? []).map(({ job }): Found => ({ kind: 'job', label: job.id, about: [job.batch_id, job.model, job.dataset].join(' '), to: { name: 'job', params: { batchId: job.batch_id, jobId: job.id } } })),
    ]
  }

  return { open, help, near, far, prepare, search }
})
