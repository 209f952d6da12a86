import { path, request } from './client'
import type { NewToken, Token, TokenScope } from './types'

export function listTokens(includeRevoked: boolean): Promise<Token[]> {
  return request('GET', path('tokens'), { query: { include_revoked: includeRevoked ? 'true' : undefined } })
}

export function createToken(name: string, scope: TokenScope, expiresAt: string | null): Promise<NewToken> {
  return request('POST', path('tokens'), { body: { name, scope, expires_at: expiresAt } })
}

export function revokeToken(id: number): Promise<unknown> {
  return request('DELETE', path('tokens', String(id)))
}
