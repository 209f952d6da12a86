import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export const THEMES: readonly Theme[] = ['system', 'light', 'dark']
export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

/** How this browser likes to see things. Keys are shared with public/theme.js. */
export const usePreferencesStore = defineStore('preferences', () => {
  const theme = ref<Theme>(oneOf(THEMES, localStorage.getItem('argus.theme')) ?? 'system')
  const locale = ref<Locale>(oneOf(LOCALES, localStorage.getItem('argus.locale')) ?? preferredLocale())
  const system = matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  system.addEventListener('change', () => (systemDark.value = system.matches))
  const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'))

  watch(theme, (chosen) => {
    if (chosen === 'system') {
      localStorage.removeItem('argus.theme')
      delete document.documentElement.dataset.theme
    } else {
      localStorage.setItem('argus.theme', chosen)
      document.documentElement.dataset.theme = chosen
    }
  })
  watch(locale, (chosen) => localStorage.setItem('argus.locale', chosen))

  return { theme, locale, dark }
})

function preferredLocale(): Locale {
  const chinese = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag))?.toLowerCase().startsWith('zh')
  return chinese ? 'zh-CN' : 'en'
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | null {
  return allowed.find((item) => item === value) ?? null
}
