import type { RouteRecordRaw } from 'vue-router'
import { accountRoutes } from './account'

function page(path: string, name: string, title: string, component: RouteRecordRaw['component']): RouteRecordRaw {
  return { path, name, component: component as NonNullable<typeof component>, props: true, meta: { access: 'private', title, layout: 'app' } } as RouteRecordRaw
}

export const routes: RouteRecordRaw[] = [
  page('/', 'dashboard', 'dashboard.title', () => import('@/pages/DashboardPage.vue')),
  page('/projects', 'projects', 'projects.title', () => import('@/pages/ProjectListPage.vue')),
  page('/projects/:project', 'project', 'projects.one', () => import('@/pages/ProjectPage.vue')),
  page('/batches', 'batches', 'batches.title', () => import('@/pages/BatchListPage.vue')),
  page('/batches/:batchId', 'batch', 'batch.title', () => import('@/pages/BatchPage.vue')),
  page('/batches/:batchId/jobs/:jobId', 'job', 'job.title', () => import('@/pages/JobPage.vue')),
  page('/jobs', 'jobs', 'jobs.all', () => import('@/pages/JobListPage.vue')),
  page('/compare', 'compare', 'compare.title', () => import('@/pages/ComparePage.vue')),
  page('/studies', 'studies', 'studies.title', () => import('@/pages/StudyListPage.vue')),
  page('/studies/:study', 'study', 'studies.one', () => import('@/pages/StudyPage.vue')),
  page('/hosts', 'hosts', 'hosts.title', () => import('@/pages/HostListPage.vue')),
  page('/hosts/:host', 'host', 'hosts.one', () => import('@/pages/HostPage.vue')),
  page('/agents', 'agents', 'agents.title', () => import('@/pages/AgentsPage.vue')),
  page('/notifications', 'notifications', 'notifications.title', () => import('@/pages/NotificationsPage.vue')),
  page('/start', 'start', 'start.title', () => import('@/pages/StartPage.vue')),
  page('/tokens', 'tokens', 'tokens.title', () => import('@/pages/TokensPage.vue')),
  page('/settings', 'settings', 'settings.title', () => import('@/pages/SettingsPage.vue')),
  page('/admin', 'admin', 'admin.title', () => import('@/pages/AdminPage.vue')),
  ...accountRoutes,
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('@/pages/NotFoundPage.vue'),
    meta: { access: 'public', title: 'notFound.title', layout: 'auth' },
  },
]
