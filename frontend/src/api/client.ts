import { ApiError, errorOf, networkError, noteAnswer } from './errors'

/** How requests learn who is asking, without knowing the store that holds it. */
export interface Credentials {
  token(): string | null
  language(): string
  /** `token` was refused; it may have been replaced in the meantime. */
  rejected(token: string): void
}

export interface RequestOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  body?: unknown
  signal?: AbortSignal
  /** Sends no credential, and a 401 is an ordinary answer. */
  anonymous?: boolean
  /** What the answer is; JSON unless said. */
  expect?: 'json' | 'text' | 'blob'
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const WRONG_PASSWORD = 'password_wrong'

let credentials: Credentials = { token: () => null, language: () => 'en', rejected: () => undefined }

export function useCredentials(given: Credentials): void {
  credentials = given
}

/** Path segments, each encoded: ids are chosen by clients and may hold anything. */
export function path(...segments: string[]): string {
  return `/api/${segments.map(encodeURIComponent).join('/')}`
}

export async function request<T>(method: Method, address: string, options: RequestOptions = {}): Promise<T> {
  return (await answer<T>(method, address, options)).body
}

export async function answer<T>(
  method: Method,
  address: string,
  options: RequestOptions = {},
): Promise<{ body: T; headers: Headers }> {
  let token = options.anonymous ? null : credentials.token()
  let response = await send(method, address, options, token)
  // Another tab may have exchanged the session while this request was on its way.
  const current = credentials.token()
  if (response.status === 401 && token && current && current !== token) {
    token = current
    response = await send(method, address, options, token)
  }
  noteAnswer(response)
  if (!response.ok) {
    const failure = await errorOf(response)
    // A wrong password in a form says nothing about the session.
    if (failure.status === 401 && token && failure.code !== WRONG_PASSWORD) credentials.rejected(token)
    throw failure
  }
  try {
    return { body: (await bodyOf(response, options.expect)) as T, headers: response.headers }
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw badAnswer(response)
  }
}

function bodyOf(response: Response, expect: RequestOptions['expect'] = 'json'): Promise<unknown> {
  if (response.status === 202 || response.status === 204) return Promise.resolve(undefined)
  return response[expect]()
}

async function send(method: Method, address: string, options: RequestOptions, token: string | null): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': credentials.language() }
  if (token) headers.Authorization = `Bearer ${token}`
  // A form says its own type, with the boundary between its parts.
  const form = options.body instanceof FormData
  if (options.body !== undefined && !form) headers['Content-Type'] = 'application/json'
  // Asks the server every time; the browser keeps an answer that did not change.
  const init: RequestInit = { method, headers, cache: 'no-cache' }
  if (options.body !== undefined) init.body = form ? (options.body as FormData) : JSON.stringify(options.body)
  if (options.signal) init.signal = options.signal
  try {
    return await fetch(address + queryOf(options.query), init)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw networkError()
  }
}

function queryOf(query: RequestOptions['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : ''
}

function badAnswer(response: Response): ApiError {
  const requestId = response.headers.get('x-request-id')
  return new ApiError({ status: response.status, code: 'bad_answer', detail: null, requestId, retryAfterSecs: null, fields: {} })
}
