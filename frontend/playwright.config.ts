import { defineConfig } from '@playwright/test'

/** Browser tests against the real server: `npm run test:browser`, see ../tests/browser. */
export default defineConfig({
  testDir: '../tests/browser',
  outputDir: '../tests/browser/test-results',
  // The specs lie outside this folder and have no node_modules of their own.
  tsconfig: './tsconfig.playwright.json',
  timeout: 120_000,
  // Starting Python and a server takes seconds where many tests share few cores.
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 0,
  reporter: 'list',
  use: {
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.ARGUS_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
