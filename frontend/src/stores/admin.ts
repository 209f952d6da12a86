import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/admin'
import type { AdminUser, AuditRow, Page } from '@/api/types'
import { resource } from './resource'

/** A list that grows by pages. */
function pages<T>(read: (cursor?: string) => Promise<Page<T>>) {
  const first = resource<Page<T>>(() => read())

  async function more(): Promise<void> {
    const held = first.data.value
    if (!held?.next) return
    const page = await read(held.next)
    first.data.value = { rows: [...held.rows, ...page.rows], next: page.next }
  }

  return { ...first, more }
}

export const useAdminUsersStore = defineStore('adminUsers', () => {
  const query = ref<api.UserQuery>({})
  const list = pages<AdminUser>((cursor) => api.users(query.value, cursor))

  async function setStanding(id: number, standing: api.Standing): Promise<void> {
    const changed = await api.setStanding(id, standing)
    const held = list.data.value
    if (held) list.data.value = { ...held, rows: held.rows.map((row) => (row.id === id ? changed : row)) }
  }

  return { query, list, setStanding, sendPasswordReset: api.sendPasswordReset }
})

export const useAdminConfigStore = defineStore('adminConfig', () => {
  const flags = resource(api.flags)
  const groups = resource(api.configuration)

  async function setFlag(key: string, value: unknown): Promise<void> {
    await api.setFlag(key, value)
    await flags.load()
  }

  async function set(group: string, key: string, value: unknown): Promise<void> {
    await api.setConfig(group, key, value)
    await groups.load()
  }

  async function unset(group: string, key: string): Promise<void> {
    await api.unsetConfig(group, key)
    await groups.load()
  }

  return { flags, groups, setFlag, set, unset }
})

export const useAdminMailStore = defineStore('adminMail', () => {
  const smtp = resource(api.smtp)
  const stats = resource(api.mailStats)
  const templates = resource(api.templates)
  const letters = resource(api.deadLetters)

  async function saveSmtp(wish: Parameters<typeof api.saveSmtp>[0]): Promise<void> {
    smtp.data.value = await api.saveSmtp(wish)
  }

  async function saveTemplate(id: number, words: Parameters<typeof api.saveTemplate>[1]): Promise<void> {
    await api.saveTemplate(id, words)
    await templates.load()
  }

  async function resetTemplate(id: number): Promise<void> {
    await api.resetTemplate(id)
    await templates.load()
  }

  async function retry(ids: readonly number[]): Promise<void> {
    await api.retryLetters(ids)
    await Promise.all([letters.load(), stats.load()])
  }

  async function discard(id: number): Promise<void> {
    await api.discardLetter(id)
    await Promise.all([letters.load(), stats.load()])
  }

  return { smtp, stats, templates, letters, saveSmtp, testSmtp: api.testSmtp, saveTemplate, resetTemplate, preview: api.previewTemplate, retry, discard }
})

export const useAuditStore = defineStore('audit', () => {
  const query = ref<api.AuditQuery>({})
  const list = pages<AuditRow>((cursor) => api.audit(query.value, cursor))
  const exportCsv = () => api.exportAudit(query.value)
  return { query, list, exportCsv }
})

export const useAdminSystemStore = defineStore('adminSystem', () => {
  const health = resource(api.health)
  const keys = resource(api.sessionKeys)
  const published = resource(api.published)

  async function rotate(): Promise<void> {
    await api.rotateKeys()
    await keys.load()
  }

  async function publish(project: string, description: string | null): Promise<void> {
    await api.publish(project, description)
    await published.load()
  }

  async function unpublish(project: string): Promise<void> {
    await api.unpublish(project)
    await published.load()
  }

  return { health, keys, published, rotate, publish, unpublish }
})

/** Copies of the data, and how long it is kept. */
export const useAdminDataStore = defineStore('adminData', () => {
  const backups = resource(api.backups)
  const retention = resource(api.retention)
  const preview = resource(api.previewSweep)

  function load(): void {
    for (const part of [backups, retention, preview]) void part.load()
  }

  async function sweep(): Promise<void> {
    await api.sweep()
    load()
  }

  return { backups, retention, preview, load, sweep, resetDemo: api.resetDemo }
})
