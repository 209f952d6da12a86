import { path, request } from './client'
import { download } from './download'

export function changePassword(current: string, next: string): Promise<unknown> {
  return request('POST', path('auth', 'change-password'), { body: { current_password: current, new_password: next } })
}

export function changeEmail(current: string, email: string): Promise<unknown> {
  return request('POST', path('auth', 'change-email'), { body: { current_password: current, new_email: email } })
}

export function resendVerification(): Promise<unknown> {
  return request('POST', path('me', 'resend_verification'))
}

export function requestReset(email: string): Promise<unknown> {
  return request('POST', path('auth', 'request-password-reset'), { body: { email }, anonymous: true })
}

export function resetPassword(token: string, next: string): Promise<unknown> {
  return request('POST', path('auth', 'reset-password'), { body: { token, new_password: next }, anonymous: true })
}

export function verifyNewEmail(token: string): Promise<unknown> {
  return request('GET', path('auth', 'verify-new-email'), { query: { token }, anonymous: true })
}

export function revokeOthers(): Promise<unknown> {
  return request('POST', path('auth', 'sessions', 'revoke-others'))
}

export type Provider = 'github' | 'oidc'

export function providers(): Promise<Record<Provider, boolean>> {
  return request('GET', path('auth', 'oauth', 'config'), { anonymous: true })
}

/** Where a login with `provider` begins; the browser goes there itself. */
export function providerStart(provider: Provider, redirect: string): string {
  return `${path('auth', 'oauth', provider, 'start')}?${new URLSearchParams({ redirect })}`
}

export function linkInit(provider: Provider, redirect: string): Promise<{ authorize_url: string }> {
  return request('POST', path('auth', 'oauth', provider, 'link', 'init'), { query: { redirect } })
}

export function unlink(provider: Provider): Promise<unknown> {
  return request('POST', path('auth', 'oauth', provider, 'unlink'))
}

export function setPassword(provider: Provider, next: string): Promise<unknown> {
  return request('POST', path('auth', 'oauth', provider, 'set-password'), { body: { new_password: next } })
}

export function preferences(): Promise<{ hide_demo: boolean; preferred_locale: string }> {
  return request('GET', path('users', 'me', 'preferences'))
}

export function savePreferences(change: { hide_demo?: boolean; preferred_locale?: string }): Promise<unknown> {
  return request('PATCH', path('users', 'me', 'preferences'), { body: change })
}

export function exportAccount(username: string): Promise<void> {
  return download(path('users', 'me', 'export'), `argus-${username}.zip`)
}

export function closeAccount(proof: { password: string } | { confirm: string }): Promise<unknown> {
  return request('DELETE', path('users', 'me'), { body: proof })
}
