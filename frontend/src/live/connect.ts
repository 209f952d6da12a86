import { SharedTransport, type SharedOptions } from './shared'
import { SseTransport } from './sse'
import type { Transport } from './transport'

/** The connection shared with other tabs; one of its own where the browser has no shared workers. */
export function connectLive(options: SharedOptions): Transport {
  if (typeof SharedWorker === 'undefined') return new SseTransport(options)
  try {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'argus-live' })
    worker.port.start()
    return new SharedTransport(worker.port, options)
  } catch {
    // A browser told to keep no such things, as in some private windows.
    return new SseTransport(options)
  }
}
