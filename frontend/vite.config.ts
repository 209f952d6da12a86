import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env.ARGUS_DEV_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Messages become trees, never generated code: no `unsafe-eval` in the policy.
    __INTLIFY_JIT_COMPILATION__: true,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/health', '/openapi.json', '/docs'].map((path) => [path, { target: server }]),
    ),
  },
  build: {
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // Inlined data: URLs would need an exception in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  test: { include: ['src/**/*.spec.ts'], environment: 'node' },
})
