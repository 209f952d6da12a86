import type { Browser, Page } from '@playwright/test'

const FRAME_MILLIS = 1000 / 60

export interface Figures {
  /** Times between frames. */
  frames: number[]
  /** What the page's main thread was busy with in each sixtieth of a second: scripts, layout and paint. */
  busy: number[]
  /** Share of the whole time that went into scripts. */
  scripting: number
}

/** Watches a page for some seconds while `work` goes on. */
export async function watchFrames(browser: Browser, page: Page, seconds: number, work: () => Promise<void>): Promise<Figures> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const scripts = async () => (await session.send('Performance.getMetrics')).metrics.find((metric) => metric.name === 'ScriptDuration')?.value ?? 0
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
  const before = await scripts()
  const started = Date.now()
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] })
  await work()
  const trace = await browser.stopTracing()
  const took = Date.now() - started
  const after = await scripts()
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames)
  return { frames: frames.slice(-Math.ceil(seconds * 120)), busy: busyPerFrame(trace), scripting: ((after - before) * 1000) / took }
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  args?: { name?: string }
}

/** Main-thread time of the busiest renderer, which is the page, in slots of one frame. */
function busyPerFrame(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const mains = new Set(traceEvents.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain').map((event) => `${event.pid}/${event.tid}`))
  const byThread = new Map<string, TraceEvent[]>()
  for (const event of traceEvents) {
    const key = `${event.pid}/${event.tid}`
    if (event.name === 'RunTask' && event.ph === 'X' && mains.has(key)) push(byThread, key, event)
  }
  const total = (events: readonly TraceEvent[]) => events.reduce((sum, event) => sum + (event.dur ?? 0), 0)
  const tasks = [...byThread.values()].sort((a, b) => total(b) - total(a))[0] ?? []
  const start = Math.min(...tasks.map((task) => task.ts))
  const slots: number[] = []
  for (const task of tasks) {
    const slot = Math.floor((task.ts - start) / 1000 / FRAME_MILLIS)
    slots[slot] = (slots[slot] ?? 0) + (task.dur ?? 0) / 1000
  }
  return Array.from(slots, (busy) => busy ?? 0)
}

export function summary(title: string, { frames, busy, scripting }: Figures): string {
  const at = (values: readonly number[], share: number) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0
  const row = (name: string, values: readonly number[]) => `| ${title} | ${name} | ${[0.5, 0.95, 0.99, 1].map((share) => at(values, share).toFixed(1)).join(' | ')} |`
  const total = frames.reduce((a, b) => a + b, 0)
  return [row('time between frames, ms', frames), row('main thread busy per frame, ms', busy), `| ${title} | frames per second ${((frames.length * 1000) / total).toFixed(1)}, scripts ${(scripting * 100).toFixed(1)} % of the time | | | | |`].join('\n')
}

function push(map: Map<string, TraceEvent[]>, key: string, event: TraceEvent): void {
  const held = map.get(key)
  if (held) held.push(event)
  else map.set(key, [event])
}
