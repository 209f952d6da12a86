import { defineStore } from 'pinia'
import * as marks from '@/api/marks'
import * as api from '@/api/projects'
import type { NewProject, ProjectCard } from '@/api/types'
import { changesSummaries, follow } from './follow'
import { resource } from './resource'

/** The projects the user takes part in. */
export const useProjectsStore = defineStore('projects', () => {
  const list = resource<ProjectCard[]>(api.listProjects)
  const following = follow(list.load, changesSummaries)

  async function create(wish: NewProject): Promise<void> {
    await api.createProject(wish)
    await list.load()
  }

  async function toggleStar(card: ProjectCard): Promise<void> {
    await (card.is_starred ? marks.unstar('project', card.project) : marks.star('project', card.project))
    await list.load()
  }

  return { ...list, create, toggleStar, open: following.open, close: following.close }
})
