import { defineStore } from 'pinia'
import { ref } from 'vue'

const KEY = 'argus.views'
const MOST = 30

export interface SavedView {
  name: string
  /** The part of the address after the question mark. */
  query: string
}

/** Filters of the batch list that this browser remembers under a name. */
export const useSavedViewsStore = defineStore('savedViews', () => {
  const views = ref<readonly SavedView[]>(read())

  function save(name: string, query: string): void {
    views.value = [...views.value.filter((view) => view.name !== name), { name, query }].slice(-MOST)
    localStorage.setItem(KEY, JSON.stringify(views.value))
  }

  function remove(name: string): void {
    views.value = views.value.filter((view) => view.name !== name)
    localStorage.setItem(KEY, JSON.stringify(views.value))
  }

  return { views, save, remove }
})

function read(): SavedView[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    if (!Array.isArray(found)) return []
    return found.filter((view): view is SavedView => typeof view?.name === 'string' && typeof view?.query === 'string')
  } catch {
    return []
  }
}
