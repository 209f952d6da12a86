import { defineStore } from 'pinia'
import { ref } from 'vue'
import { download } from '@/api/download'
import { path } from '@/api/client'
import * as marks from '@/api/marks'
import * as api from '@/api/projects'
import type { ActiveBatch, LeaderboardRow, MetricMatrix, Project, ProjectResources, ProjectSettings, ProjectUsage } from '@/api/types'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'

/** The project on screen: its figures, and the tables of the tab that is open. */
export const useProjectStore = defineStore('project', () => {
  const id = ref('')
  const choice = ref<api.MetricChoice>({})
  const figures = resource<{ project: Project; active: ActiveBatch[] }>(async () => {
    const [project, active] = await Promise.all([api.getProject(id.value), api.activeOfProject(id.value)])
    return { project, active }
  })
  const board = resource<LeaderboardRow[]>(() => api.leaderboard(id.value, choice.value))
  const matrix = resource<MetricMatrix>(() => api.matrix(id.value, choice.value))
  const resources = resource<ProjectResources>(() => api.projectResources(id.value))
  const usage = resource<ProjectUsage>(() => api.projectUsage(id.value))
  const candidates = resource(() => api.batchesOfProject(id.value, 200))
  const all = [figures, board, matrix, resources, usage, candidates]
  const shown = new Set<{ load(): Promise<void> }>()
  const following = follow(async () => {
    await Promise.all([figures, ...shown].map((part) => part.load()))
  }, changesSummaries)

  function open(project: string): void {
    if (project !== id.value) for (const part of all) part.clear()
    id.value = project
    following.open()
  }

  function close(): void {
    following.close()
    shown.clear()
  }

  /** Reads `part` now and after changes until the returned function is called. */
  function show(part: 'board' | 'matrix' | 'resources' | 'usage'): () => void {
    const source = { board, matrix, resources, usage }[part]
    shown.add(source)
    void source.load()
    return () => void shown.delete(source)
  }

  function choose(next: api.MetricChoice): void {
    choice.value = next
    void board.load()
    void matrix.load()
  }

  async function edit(change: ProjectSettings): Promise<void> {
    await api.editProject(id.value, change)
    await figures.load()
  }

  async function toggleStar(): Promise<void> {
    await (figures.data.value?.project.is_starred ? marks.unstar('project', id.value) : marks.star('project', id.value))
    await figures.load()
  }

  const remove = () => api.deleteProject(id.value)
  const exportBest = () => download(path('projects', id.value, 'export.csv'), `${id.value}.csv`)
  const exportRaw = () => download(path('projects', id.value, 'export-raw.csv'), `${id.value}-raw.csv`)

  return { id, choice, figures, board, matrix, resources, usage, candidates, open, close, show, choose, edit, toggleStar, remove, exportBest, exportRaw }
})
