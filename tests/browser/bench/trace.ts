/** What a browser's trace says its main thread was busy with. */

const FRAME_MILLIS = 1000 / 60

export const KINDS = ['scripting', 'rendering', 'painting', 'other'] as const
export type Kind = (typeof KINDS)[number]

/** As the browser's own tools sort them; what is not named here belongs to what it happened in. */
const NAMES: Readonly<Record<Exclude<Kind, 'other'>, readonly string[]>> = {
  scripting: ['FunctionCall', 'EvaluateScript', 'TimerFire', 'FireAnimationFrame', 'RunMicrotasks', 'EventDispatch', 'HandlePostMessage', 'MinorGC', 'MajorGC', 'V8.GCScavenger', 'V8.GCIncrementalMarking', 'v8.callFunction', 'v8.run', 'XHRReadyStateChange'],
  rendering: ['UpdateLayoutTree', 'Layout', 'InvalidateLayout', 'PrePaint', 'HitTest', 'IntersectionObserverController::computeIntersections', 'ScheduleStyleRecalculation', 'ScrollLayer', 'ParseHTML'],
  painting: ['Paint', 'PaintImage', 'Layerize', 'Commit', 'CompositeLayers', 'UpdateLayer', 'RasterTask', 'Decode Image'],
}
const KIND_OF = new Map(Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind] as const)))

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** Processor time of the thread: what others on the machine do does not count. */
  tdur?: number
  args?: { name?: string }
}

/** Finished events of the busiest renderer's main thread, which is the page's. */
export function threads(trace: Buffer): TraceEvent[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const mains = new Set(traceEvents.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain').map((event) => `${event.pid}/${event.tid}`))
  const byThread = new Map<string, TraceEvent[]>()
  for (const event of traceEvents) {
    const key = `${event.pid}/${event.tid}`
    if (event.ph !== 'X' || !mains.has(key)) continue
    const held = byThread.get(key)
    if (held) held.push(event)
    else byThread.set(key, [event])
  }
  const busy = (events: readonly TraceEvent[]) => events.reduce((sum, event) => sum + (event.name === 'RunTask' ? (event.dur ?? 0) : 0), 0)
  return [...byThread.values()].sort((a, b) => busy(b) - busy(a))[0] ?? []
}

/** Time spent on each kind in each sixtieth of a second, by when it began; what lies inside another event counts once. */
export function timesPerFrame(events: readonly TraceEvent[]): Record<Kind, number[]> {
  const tasks = [...events].sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
  const start = tasks[0]?.ts ?? 0
  const slots = Math.ceil(((tasks.at(-1)?.ts ?? 0) - start) / 1000 / FRAME_MILLIS) + 1
  const spent = Object.fromEntries(KINDS.map((kind) => [kind, new Array<number>(slots).fill(0)])) as Record<Kind, number[]>
  const open: { end: number; kind: Kind; slot: number }[] = []
  const add = (kind: Kind, slot: number, micros: number) => (spent[kind][slot] = (spent[kind][slot] ?? 0) + micros / 1000)
  for (const { name, ts, dur = 0, tdur = dur } of tasks) {
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= ts) open.pop()
    const around = open.at(-1)
    const kind = KIND_OF.get(name) ?? around?.kind ?? 'other'
    const slot = around?.slot ?? Math.floor((ts - start) / 1000 / FRAME_MILLIS)
    add(kind, slot, tdur)
    if (around) add(around.kind, around.slot, -tdur)
    open.push({ end: ts + dur, kind, slot })
  }
  return spent
}
