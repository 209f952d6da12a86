import { type App, watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { type Locale, usePreferencesStore } from '@/stores/preferences'

const LOADERS: Readonly<Record<Locale, () => Promise<{ default: Record<string, unknown> }>>> = {
  en: () => import('../../locales/en.json'),
  'zh-CN': () => import('../../locales/zh-CN.json'),
}

/** Texts, one language at a time. */
export async function install(app: App): Promise<void> {
  const i18n = createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false, messages: {} })
  const preferences = usePreferencesStore()

  async function use(locale: Locale): Promise<void> {
    const { global } = i18n
    if (!(global.availableLocales as string[]).includes(locale)) {
      global.setLocaleMessage(locale, (await LOADERS[locale]()).default)
    }
    ;(global.locale as { value: string }).value = locale
    document.documentElement.lang = locale
  }

  await use(preferences.locale)
  watch(() => preferences.locale, (locale) => void use(locale))
  app.use(i18n)
}
