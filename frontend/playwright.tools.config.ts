import { defineConfig } from '@playwright/test'
import browser from './playwright.config'

/** Benches and pictures of all pages: made on request, not tests. `npm run bench:browser`, `npm run screenshots`. */
export default defineConfig({ ...browser, testMatch: /\.(bench|shots)\.ts$/, reporter: 'line', expect: { timeout: 120_000 }, use: { ...browser.use, trace: 'off' } })
