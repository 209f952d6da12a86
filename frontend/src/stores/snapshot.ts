import { defineStore } from 'pinia'
import * as api from '@/api/artifacts'
import type { Artifact, Batch, Job } from '@/api/types'
import { saveText } from '@/domain/saveFile'
import type { SnapshotBatch, SnapshotJob } from '@/domain/snapshot/page'
import type { LogTail } from '@/domain/logs'
import type { Series } from '@/domain/series'
import { useBatchStore } from './batch'

const LARGEST_PICTURE = 2 * 1024 * 1024
const ALL_PICTURES = 20 * 1024 * 1024
const PICTURE = /^image\/(png|jpeg|gif|webp)$/

/** What the page says about a batch in the reader's language. */
export interface SnapshotTexts {
  lang: string
  words: SnapshotBatch['words']
  factsOf(batch: Batch): { label: string; value: string }[]
  elapsedOf(job: Job): string
}

interface Held {
  batch: Batch
  jobs: readonly Job[]
  series: ReadonlyMap<string, Series>
  logs: LogTail
}

/** Makes the batch on screen one file that needs nothing else. */
export const useSnapshotStore = defineStore('snapshot', () => {
  const store = useBatchStore()

  async function save(texts: SnapshotTexts): Promise<void> {
    const { batch } = store
    if (!batch) return
    const { snapshotHtml } = await import('@/domain/snapshot/page')
    const held: Held = { batch, jobs: store.jobs, series: store.series, logs: store.logs }
    const html = snapshotHtml({ ...pageOf(held, texts), pictures: await pictures(batch.id) })
    saveText(html, `${batch.id}.html`, 'text/html')
  }

  return { save }
})

function pageOf({ batch, jobs, series, logs }: Held, texts: SnapshotTexts): Omit<SnapshotBatch, 'pictures'> {
  return {
    title: batch.name || batch.id,
    id: batch.id,
    lang: texts.lang,
    facts: texts.factsOf(batch),
    command: batch.command ?? null,
    notes: batch.notes ?? null,
    jobs: jobs.map((job): SnapshotJob => ({ ...job, elapsed: texts.elapsedOf(job) })),
    series,
    environment: batch.env_snapshot ?? null,
    logs: logs.lines.map(({ ts, job_id, level, line }) => ({ ts, job: job_id, level, line })),
    words: texts.words,
  }
}

async function pictures(batchId: string): Promise<{ name: string; url: string }[]> {
  const files = (await api.listArtifacts({ batchId, jobId: null }).catch((): Artifact[] => [])).filter((file) => PICTURE.test(file.mime) && file.size_bytes <= LARGEST_PICTURE)
  const found: { name: string; url: string }[] = []
  let bytes = 0
  for (const file of files) {
    bytes += file.size_bytes
    if (bytes > ALL_PICTURES) break
    const blob = await api.artifactBlob(file.id).catch(() => null)
    if (blob) found.push({ name: file.filename, url: await dataUrl(blob) })
  }
  return found
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((done) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result))
    reader.onerror = () => done('')
    reader.readAsDataURL(blob)
  })
}
