import { path, request } from './client'
import type { Login, Session, User } from './types'

export function register(username: string, email: string, password: string, setupToken?: string): Promise<{ user_id: number }> {
  const body = { username, email, password, setup_token: setupToken }
  return request('POST', path('auth', 'register'), { body, anonymous: true })
}

export function login(identifier: string, password: string): Promise<Login> {
  const body = { username_or_email: identifier, password }
  return request('POST', path('auth', 'login'), { body, anonymous: true })
}

export function logout(): Promise<unknown> {
  return request('POST', path('auth', 'logout'))
}

export function refresh(): Promise<Login> {
  return request('POST', path('auth', 'refresh'))
}

export function me(): Promise<User> {
  return request('GET', path('auth', 'me'))
}

export function verifyEmail(token: string): Promise<unknown> {
  return request('POST', path('auth', 'verify-email'), { body: { token }, anonymous: true })
}

export function sessions(): Promise<Session[]> {
  return request('GET', path('auth', 'sessions'))
}

export function revokeSession(jti: string): Promise<unknown> {
  return request('POST', path('auth', 'sessions', jti, 'revoke'))
}
