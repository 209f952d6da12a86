import type { RouteRecordRaw } from 'vue-router'

/** Pages for people who are not logged in, and for those who follow a link from a mail. */
export const accountRoutes: RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('@/pages/LoginPage.vue'),
    meta: { access: 'guest', title: 'auth.login.title', layout: 'auth' },
  },
  {
    path: '/login/oauth/complete',
    name: 'provider-done',
    component: () => import('@/pages/ProviderDonePage.vue'),
    meta: { access: 'public', title: 'auth.login.title', layout: 'auth' },
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
    path: '/verify-new-email',
    name: 'verify-new-email',
    component: () => import('@/pages/VerifyNewEmailPage.vue'),
    meta: { access: 'public', title: 'auth.newEmail.title', layout: 'auth' },
  },
  {
    path: '/forgot-password',
    name: 'forgot-password',
    component: () => import('@/pages/ForgotPasswordPage.vue'),
    meta: { access: 'public', title: 'auth.forgot.title', layout: 'auth' },
  },
  {
    path: '/reset-password',
    name: 'reset-password',
    component: () => import('@/pages/ResetPasswordPage.vue'),
    meta: { access: 'public', title: 'auth.reset.title', layout: 'auth' },
  },
  {
    path: '/unsubscribe',
    name: 'unsubscribe',
    component: () => import('@/pages/UnsubscribePage.vue'),
    meta: { access: 'public', title: 'unsubscribe.title', layout: 'auth' },
  },
  {
    path: '/public/projects',
    name: 'public-projects',
    component: () => import('@/pages/PublicProjectListPage.vue'),
    meta: { access: 'public', title: 'public.projects', layout: 'public' },
  },
  {
    path: '/public/projects/:project',
    name: 'public-project',
    component: () => import('@/pages/PublicProjectPage.vue'),
    props: true,
    meta: { access: 'public', title: 'projects.one', layout: 'public' },
  },
  {
    path: '/public/:slug',
    name: 'public-batch',
    component: () => import('@/pages/PublicBatchPage.vue'),
    props: true,
    meta: { access: 'public', title: 'batch.title', layout: 'public' },
  },
]
