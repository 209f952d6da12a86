/** The shared worker: one hub, one connection, a port per tab. */
import { Hub, type Wish } from './hub'
import { SseTransport } from './sse'

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null
}

const hub: Hub = new Hub(
  (handlers) =>
    new SseTransport({
      token: () => hub.token,
      keepsPosition: true,
      cursors: { load: () => null, save: (_channels, cursor) => hub.moved(cursor), forget: () => undefined },
      handlers,
    }),
  Date.now,
)

;(globalThis as unknown as SharedScope).onconnect = (event) => {
  const [port] = event.ports
  if (!port) return
  const tab = { post: (told: unknown) => port.postMessage(told) }
  port.onmessage = (message: MessageEvent<Wish>) => hub.hear(tab, message.data)
}
