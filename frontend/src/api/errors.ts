/** Failures of the API as one type, whatever went wrong. */

export interface ApiFailure {
  /** 0 when no answer came. */
  status: number
  /** Stable word: the server's, or `network`, `bad_answer`. */
  code: string
  /** The server's text in the language asked for. */
  detail: string | null
  requestId: string | null
  retryAfterSecs: number | null
  /** Problems by name of the field. */
  fields: Readonly<Record<string, string>>
}

export class ApiError extends Error implements ApiFailure {
  readonly status: number
  readonly code: string
  readonly detail: string | null
  readonly requestId: string | null
  readonly retryAfterSecs: number | null
  readonly fields: Readonly<Record<string, string>>

  constructor(failure: ApiFailure) {
    super(failure.detail ?? failure.code)
    this.name = 'ApiError'
    this.status = failure.status
    this.code = failure.code
    this.detail = failure.detail
    this.requestId = failure.requestId
    this.retryAfterSecs = failure.retryAfterSecs
    this.fields = failure.fields
  }
}

export function networkError(): ApiError {
  return new ApiError({ status: 0, code: 'network', detail: null, requestId: null, retryAfterSecs: null, fields: {} })
}

let latest: string | null = null

/** Keeps the id of the newest answer: where a page breaks over one, it is the one to look for. */
export function noteAnswer(response: Response): void {
  latest = response.headers.get('x-request-id') ?? latest
}

export function latestRequestId(): string | null {
  return latest
}

/** Reads an error answer; a body that is not ours still gives a usable error. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = await bodyOf(response)
  const detail = body.detail
  const retryAfter = Number(response.headers.get('retry-after'))
  return new ApiError({
    status: response.status,
    code: typeof body.code === 'string' ? body.code : `http_${response.status}`,
    detail: typeof detail === 'string' ? detail : null,
    requestId: typeof body.request_id === 'string' ? body.request_id : response.headers.get('x-request-id'),
    retryAfterSecs: retryAfter > 0 ? retryAfter : null,
    fields: Array.isArray(detail) ? fieldsOf(detail) : {},
  })
}

/** Anything thrown, as an `ApiError`; programming mistakes stay what they are. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  throw error
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function fieldsOf(problems: readonly unknown[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const problem of problems) {
    const { loc, msg } = (problem ?? {}) as { loc?: unknown; msg?: unknown }
    const name = Array.isArray(loc) ? loc.at(-1) : undefined
    if (typeof name === 'string' && typeof msg === 'string') fields[name] ??= msg
  }
  return fields
}
