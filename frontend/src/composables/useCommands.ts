import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { IconName } from '@/components/base/icons'
import { ranked } from '@/domain/ranking'
import { usePaletteStore } from '@/stores/palette'
import { LOCALES, THEMES, usePreferencesStore } from '@/stores/preferences'
import { useSessionStore } from '@/stores/session'

export interface Command {
  key: string
  kind: 'page' | 'action' | 'project' | 'batch' | 'job' | 'host'
  label: string
  about?: string | undefined
  icon: IconName
  run(): unknown
}

const MOST = 12
const NAMES = { en: 'English', 'zh-CN': '简体中文' }
const ICONS = { project: 'folder', batch: 'layers', job: 'list', host: 'server' } as const
const PAGES = [
  { name: 'dashboard', label: 'nav.dashboard', icon: 'home' },
  { name: 'projects', label: 'nav.projects', icon: 'folder' },
  { name: 'batches', label: 'nav.batches', icon: 'layers' },
  { name: 'jobs', label: 'nav.jobs', icon: 'list' },
  { name: 'studies', label: 'nav.studies', icon: 'flask' },
  { name: 'hosts', label: 'nav.hosts', icon: 'server' },
  { name: 'notifications', label: 'notifications.title', icon: 'bell' },
  { name: 'tokens', label: 'nav.tokens', icon: 'key' },
  { name: 'settings', label: 'settings.title', icon: 'gear' },
  { name: 'start', label: 'start.title', icon: 'spark' },
] as const

/** Everything the palette offers for what was typed. */
export function useCommands(typed: () => string) {
  const { t } = useI18n()
  const router = useRouter()
  const store = usePaletteStore()
  const session = useSessionStore()
  const preferences = usePreferencesStore()

  const fixed = computed<Command[]>(() => {
    const pages = [...PAGES, ...(session.user?.is_admin ? [{ name: 'admin', label: 'nav.admin', icon: 'shield' } as const] : [])]
    return [
      ...pages.map(({ name, label, icon }): Command => ({ key: name, kind: 'page', label: t(label), about: name, icon, run: () => router.push({ name }) })),
      ...THEMES.filter((theme) => theme !== preferences.theme).map((theme): Command => ({ key: theme, kind: 'action', label: t('palette.theme', { theme: t(`theme.${theme}`) }), icon: 'screen', run: () => (preferences.theme = theme) })),
      ...LOCALES.filter((locale) => locale !== preferences.locale).map((locale): Command => ({ key: locale, kind: 'action', label: t('palette.language', { language: NAMES[locale] }), icon: 'globe', run: () => (preferences.locale = locale) })),
      { key: 'keys', kind: 'action', label: t('shortcuts.title'), icon: 'columns', run: () => (store.help = true) },
      { key: 'logout', kind: 'action', label: t('auth.logout'), icon: 'exit', run: () => session.logout() },
    ]
  })

  return computed<Command[]>(() => {
    const found = [...store.far, ...store.near].map((one): Command => ({ ...one, key: `${one.kind}/${Object.values(one.to.params).join('/')}`, icon: ICONS[one.kind], run: () => router.push(one.to) }))
    return typed().trim() === '' ? [...fixed.value.slice(0, 6), ...found.slice(0, MOST - 6)] : ranked([...found, ...fixed.value], typed(), MOST)
  })
}
