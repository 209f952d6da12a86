import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SseTransport } from './sse'

interface Opened {
  url: URL
  authorization: string | null
  send(text: string): void
  end(): void
}

function setUp(saved: string | null = null) {
  const opened: Opened[] = []
  const answers: Response[] = []
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
    init.signal?.addEventListener('abort', () => controller?.error(new Error('aborted')))
    opened.push({
      url: new URL(address, 'http://x'),
      authorization: new Headers(init.headers).get('authorization'),
      send: (text) => controller?.enqueue(new TextEncoder().encode(text)),
      end: () => controller?.close(),
    })
    return Promise.resolve(answers.shift() ?? new Response(body))
  })
  const seen: string[] = []
  const cursors = { load: () => saved, save: vi.fn(), forget: vi.fn() }
  const transport = new SseTransport({
    token: () => 'secret',
    cursors,
    handlers: {
      onOpen: (resumed) => seen.push(`open ${resumed}`),
      onFrame: (event) => seen.push(event),
      onState: (state) => seen.push(`> ${state}`),
      onUnauthorized: () => seen.push('unauthorized'),
    },
  })
  return { opened, answers, seen, cursors, transport }
}

const settle = () => vi.advanceTimersByTimeAsync(1)

describe('the live connection', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('keeps the credential out of the address', async () => {
    const { opened, transport } = setUp()
    transport.follow(['batch:b', 'batches'])
    await settle()
    expect(opened[0]?.url.search).toBe('?channels=batch%3Ab%2Cbatches&nonfinite=text')
    expect(opened[0]?.authorization).toBe('Bearer secret')
  })

  it('resumes after the last frame when the server goes away', async () => {
    const { opened, seen, transport } = setUp()
    transport.follow(['a'])
    await settle()
    opened[0]?.send('id: 41\nevent: hello\ndata: {}\n\nid: 42\nevent: job_epoch\ndata: {}\n\n')
    await settle()
    opened[0]?.end()
    await vi.advanceTimersByTimeAsync(600)
    expect(opened[1]?.url.searchParams.get('last_event_id')).toBe('42')
    expect(seen).toEqual(['> connecting', 'open false', '> live', 'hello', 'job_epoch', '> reconnecting', 'open true', '> live'])
  })

  it('takes up the position a reloaded page left behind', async () => {
    const { opened, transport } = setUp('7')
    transport.follow(['a'])
    await settle()
    expect(opened[0]?.url.searchParams.get('last_event_id')).toBe('7')
    transport.follow(['b'])
    await settle()
    expect(opened[1]?.url.searchParams.has('last_event_id')).toBe(false)
  })

  it('notices a connection that fell silent', async () => {
    const { opened, transport } = setUp()
    transport.follow(['a'])
    await vi.advanceTimersByTimeAsync(35_100)
    expect(opened).toHaveLength(2)
  })

  it('waits as long as a busy server asks', async () => {
    const { opened, answers, transport } = setUp()
    answers.push(new Response('', { status: 503, headers: { 'retry-after': '4' } }))
    transport.follow(['a'])
    await vi.advanceTimersByTimeAsync(3_900)
    expect(opened).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(opened).toHaveLength(2)
  })

  it('gives up where trying again is hopeless', async () => {
    const { opened, answers, seen, transport } = setUp()
    answers.push(new Response('', { status: 403 }))
    transport.follow(['a'])
    await vi.advanceTimersByTimeAsync(120_000)
    expect(opened).toHaveLength(1)
    expect(seen.at(-1)).toBe('> refused')
  })

  it('says when the credential is refused', async () => {
    const { answers, seen, transport } = setUp()
    answers.push(new Response('', { status: 401 }))
    transport.follow(['a'])
    await settle()
    expect(seen.at(-1)).toBe('unauthorized')
  })

  it('pauses without losing its place', async () => {
    const { opened, transport } = setUp()
    transport.follow(['a'])
    await settle()
    opened[0]?.send('id: 9\nevent: hello\ndata: {}\n\n')
    await settle()
    transport.pause()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(opened).toHaveLength(1)
    transport.retryNow()
    await settle()
    expect(opened[1]?.url.searchParams.get('last_event_id')).toBe('9')
  })
})
