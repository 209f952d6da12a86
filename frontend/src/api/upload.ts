/** Sending a file to the address of a ticket, telling how far it is: `fetch` cannot say that. */
import { ApiError, networkError } from './errors'

/** Headers only the browser itself may set. */
const RESERVED: ReadonlySet<string> = new Set(['content-length', 'host'])

export interface Target {
  url: string
  headers: Readonly<Record<string, string>>
}

/** `onSent` hears how many bytes are on their way. */
export function putFile({ url, headers }: Target, file: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    call.open('PUT', url)
    for (const [name, value] of Object.entries(headers)) if (!RESERVED.has(name.toLowerCase())) call.setRequestHeader(name, value)
    call.upload.onprogress = (event) => onSent(event.loaded)
    call.onload = () => (call.status < 300 ? resolve() : reject(refusal(call.status)))
    call.onerror = () => reject(networkError())
    call.onabort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', () => call.abort(), { once: true })
    call.send(file)
  })
}

/** The bucket answers in words of its own. */
function refusal(status: number): ApiError {
  return new ApiError({ status, code: `http_${status}`, detail: null, requestId: null, retryAfterSecs: null, fields: {} })
}
