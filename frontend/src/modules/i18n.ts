import { type App, watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { type Locale, usePreferencesStore } from '@/stores/preferences'

/** Texts of one area in one language per file. */
const PARTS = import.meta.glob<{ default: Record<string, unknown> }>('../../locales/*/*.json')

/** Texts, one language at a time. */
export async function install(app: App): Promise<void> {
  const i18n = createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false, messages: {} })
  const preferences = usePreferencesStore()

  async function use(locale: Locale): Promise<void> {
    const { global } = i18n
    if (!(global.availableLocales as string[]).includes(locale)) global.setLocaleMessage(locale, await messagesOf(locale))
    ;(global.locale as { value: string }).value = locale
    document.documentElement.lang = locale
  }

  await use(preferences.locale)
  watch(() => preferences.locale, (locale) => void use(locale))
  app.use(i18n)
}

async function messagesOf(locale: Locale): Promise<Record<string, unknown>> {
  const own = Object.entries(PARTS).filter(([file]) => file.includes(`/${locale}/`))
  const parts = await Promise.all(own.map(([, load]) => load()))
  return Object.assign({}, ...parts.map((part) => part.default)) as Record<string, unknown>
}
