import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import { safeTarget } from '@/domain/credentials'

/** Who may see a page: `private` needs a session, `guest` is for those without one. */
export type Access = 'private' | 'guest' | 'public'

declare module 'vue-router' {
  interface RouteMeta {
    access: Access
    /** Locale key of the document's title. */
    title: string
    layout: 'app' | 'auth' | 'public'
  }
}

export function guard(to: RouteLocationNormalized, hasSession: boolean): RouteLocationRaw | true {
  if (to.meta.access === 'private' && !hasSession) {
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  }
  if (to.meta.access === 'guest' && hasSession) return safeTarget(to.query.next)
  return true
}
