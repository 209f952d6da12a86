import { type App, watch } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { guard } from '@/router/guards'
import { routes } from '@/router/routes'
import { useSessionStore } from '@/stores/session'

/** Pages; losing the session leads to login and, from there, back. */
export function install(app: App): void {
  const session = useSessionStore()
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach((to) => guard(to, session.token !== null))
  watch(
    () => session.token,
    (token) => {
      const current = router.currentRoute.value
      if (token === null && current.meta.access === 'private') {
        void router.replace({ name: 'login', query: current.fullPath === '/' ? {} : { next: current.fullPath } })
      }
    },
  )
  app.use(router)
}
