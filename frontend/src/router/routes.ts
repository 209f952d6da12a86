import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/',
    name: 'batches',
    component: () => import('@/pages/BatchListPage.vue'),
    meta: { access: 'private', title: 'batches.title', layout: 'app' },
  },
  {
    path: '/batches/:batchId',
    name: 'batch',
    component: () => import('@/pages/BatchPage.vue'),
    props: true,
    meta: { access: 'private', title: 'batch.title', layout: 'app' },
  },
  {
    path: '/batches/:batchId/jobs/:jobId',
    name: 'job',
    component: () => import('@/pages/JobPage.vue'),
    props: true,
    meta: { access: 'private', title: 'job.title', layout: 'app' },
  },
  {
    path: '/start',
    name: 'start',
    component: () => import('@/pages/StartPage.vue'),
    meta: { access: 'private', title: 'start.title', layout: 'app' },
  },
  {
    path: '/tokens',
    name: 'tokens',
    component: () => import('@/pages/TokensPage.vue'),
    meta: { access: 'private', title: 'tokens.title', layout: 'app' },
  },
  {
    path: '/settings',
    name: 'settings',
    component: () => import('@/pages/SettingsPage.vue'),
    meta: { access: 'private', title: 'settings.title', layout: 'app' },
  },
  {
    path: '/login',
    name: 'login',
    component: () => import('@/pages/LoginPage.vue'),
    meta: { access: 'guest', title: 'auth.login.title', layout: 'auth' },
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('@/pages/RegisterPage.vue'),
    meta: { access: 'guest', title: 'auth.register.title', layout: 'auth' },
  },
  {
    path: '/verify-email',
    name: 'verify-email',
    component: () => import('@/pages/VerifyEmailPage.vue'),
    meta: { access: 'public', title: 'auth.verify.title', layout: 'auth' },
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('@/pages/NotFoundPage.vue'),
    meta: { access: 'public', title: 'notFound.title', layout: 'auth' },
  },
]
