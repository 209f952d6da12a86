import type { Browser, Page } from '@playwright/test'
import { type Kind, KINDS, threads, timesPerFrame } from './trace'

export interface Figures {
  /** Times between frames. */
  frames: number[]
  /** Main-thread time in each sixtieth of a second, by what it went into. */
  spent: Readonly<Record<Kind, number[]>>
  /** Seconds watched. */
  seconds: number
}

/** Watches a page for some seconds while `work` goes on. */
export async function watchFrames(browser: Browser, page: Page, work: () => Promise<void>): Promise<Figures> {
  await page.evaluate(() => {
    const frames: number[] = []
    let last = performance.now()
    const next = (now: number) => {
      frames.push(now - last)
      last = now
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
    Object.assign(window, { frames })
  })
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8'] })
  const started = Date.now()
  await work()
  const seconds = (Date.now() - started) / 1000
  const trace = await browser.stopTracing()
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames)
  return { frames, spent: timesPerFrame(threads(trace)), seconds }
}

export const HEAD = ['| live page | per frame, ms | p50 | p95 | p99 | most | of the time |', '|---|---|--:|--:|--:|--:|--:|']

export function summary(title: string, { frames, spent, seconds }: Figures): string {
  const at = (values: readonly number[], share: number) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0
  const row = (name: string, values: readonly number[], last: string) => `| ${title} | ${name} | ${[0.5, 0.95, 0.99, 1].map((share) => at(values, share).toFixed(1)).join(' | ')} | ${last} |`
  const part = (values: readonly number[]) => `${((values.reduce((a, b) => a + b, 0) / seconds / 1000) * 100).toFixed(1)} %`
  const rows = KINDS.map((kind) => row(kind, spent[kind], part(spent[kind])))
  return [...rows, row('between frames', frames, `${(frames.length / seconds).toFixed(0)} frames/s`)].join('\n')
}
