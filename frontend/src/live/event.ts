/** Frames of `GET /api/sse` as the rest of the program sees them. */

export interface WireEvent {
  readonly event_type: string
  readonly timestamp: string
  readonly batch_id: string
  readonly job_id: string | null
  readonly event_id: string | null
  readonly channel: string
  readonly source: Readonly<Record<string, string | null>>
  readonly data: Readonly<Record<string, unknown>>
}

/** One frame of the stream, parsed but not understood. */
export interface Frame {
  event: string
  data: string
  id: string | null
}

/** A wire event out of a frame's data, or null when it does not look like one. */
export function toWireEvent(data: string): WireEvent | null {
  const raw = parseObject(data)
  if (!raw) return null
  const { event_type, timestamp, batch_id } = raw
  if (typeof event_type !== 'string' || typeof timestamp !== 'string' || typeof batch_id !== 'string') return null
  return {
    event_type,
    timestamp,
    batch_id,
    job_id: typeof raw.job_id === 'string' ? raw.job_id : null,
    event_id: typeof raw.event_id === 'string' ? raw.event_id : null,
    channel: typeof raw.channel === 'string' ? raw.channel : '',
    source: isObject(raw.source) ? (raw.source as Record<string, string | null>) : {},
    data: isObject(raw.data) ? raw.data : {},
  }
}

export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
