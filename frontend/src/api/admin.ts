import { answer, path, request } from './client'
import { download } from './download'
import type {
  AdminHealth, AdminUser, AuditRow, BackupStatus, ConfigItem, Costs, DeadLetter, FeatureFlag, MailPreview, MailStats, MailTemplate, Page, PublishedProject, RetentionStatus, SessionKeys, SmtpConfig, SmtpTest, SmtpWish, Sweep,
} from './types'

export interface UserQuery {
  q?: string | undefined
  is_admin?: string | undefined
  is_active?: string | undefined
  email_verified?: string | undefined
}

async function paged<T>(address: string, query: Record<string, string | number | undefined>): Promise<Page<T>> {
  const { body, headers } = await answer<T[]>('GET', address, { query })
  return { rows: body, next: headers.get('x-next-cursor') }
}

export function users(query: UserQuery, cursor?: string): Promise<Page<AdminUser>> {
  return paged(path('admin', 'users'), { ...query, limit: 50, cursor })
}

export type Standing = 'ban' | 'unban' | 'promote' | 'demote' | 'unlock'

export function setStanding(id: number, standing: Standing): Promise<AdminUser> {
  return request('POST', path('admin', 'users', String(id), standing))
}

export function sendPasswordReset(id: number): Promise<unknown> {
  return request('POST', path('admin', 'users', String(id), 'password-reset'))
}

export function flags(): Promise<FeatureFlag[]> {
  return request('GET', path('admin', 'feature-flags'))
}

export function setFlag(key: string, value: unknown): Promise<FeatureFlag> {
  return request('PUT', path('admin', 'feature-flags', key), { body: { value } })
}

export function configuration(): Promise<Record<string, ConfigItem[]>> {
  return request('GET', path('admin', 'system-config'))
}

export function setConfig(group: string, key: string, value: unknown): Promise<ConfigItem> {
  return request('PUT', path('admin', 'system-config', group, key), { body: { value } })
}

export function unsetConfig(group: string, key: string): Promise<unknown> {
  return request('DELETE', path('admin', 'system-config', group, key))
}

export function smtp(): Promise<SmtpConfig> {
  return request('GET', path('admin', 'email', 'smtp'))
}

export function saveSmtp(wish: SmtpWish): Promise<SmtpConfig> {
  return request('PUT', path('admin', 'email', 'smtp'), { body: wish })
}

export function testSmtp(wish: SmtpWish): Promise<SmtpTest> {
  const { smtp_host, smtp_port, smtp_username, smtp_password, smtp_from_address, use_tls, use_ssl } = wish
  const password = smtp_password === '***' ? undefined : smtp_password
  const body = { host: smtp_host, port: smtp_port, username: smtp_username || null, password, from_addr: smtp_from_address, use_tls, use_ssl }
  return request('POST', path('admin', 'email', 'smtp', 'test'), { body })
}

export function mailStats(): Promise<MailStats> {
  return request('GET', path('admin', 'email', 'stats'))
}

export function templates(): Promise<MailTemplate[]> {
  return request('GET', path('admin', 'email', 'templates'))
}

export function saveTemplate(id: number, words: Pick<MailTemplate, 'subject' | 'body_text' | 'body_html'>): Promise<MailTemplate> {
  return request('PUT', path('admin', 'email', 'templates', String(id)), { body: words })
}

export function previewTemplate(id: number): Promise<MailPreview> {
  return request('POST', path('admin', 'email', 'templates', String(id), 'preview'))
}

export function resetTemplate(id: number): Promise<MailTemplate> {
  return request('POST', path('admin', 'email', 'templates', String(id), 'reset'))
}

export function deadLetters(): Promise<DeadLetter[]> {
  return request<{ items: DeadLetter[] }>('GET', path('admin', 'email', 'dead-letter'), { query: { limit: 100 } }).then((found) => found.items)
}

export function retryLetters(ids: readonly number[]): Promise<{ requeued: number }> {
  return request('POST', path('admin', 'email', 'dead-letter', 'retry'), { query: { ids: ids.join(',') } })
}

export function discardLetter(id: number): Promise<unknown> {
  return request('DELETE', path('admin', 'email', 'dead-letter', String(id)))
}

export interface AuditQuery {
  since?: string | undefined
  until?: string | undefined
  user_id?: string | undefined
  action?: string | undefined
  target_type?: string | undefined
  target_id?: string | undefined
  ip?: string | undefined
}

export function audit(query: AuditQuery, cursor?: string): Promise<Page<AuditRow>> {
  return paged(path('admin', 'audit-log'), { ...query, limit: 50, cursor })
}

export function exportAudit(query: AuditQuery): Promise<void> {
  return download(path('admin', 'audit-log', 'export.csv'), 'argus-audit.csv', { ...query })
}

export function published(): Promise<PublishedProject[]> {
  return request('GET', path('admin', 'projects', 'public'))
}

export function publish(project: string, description: string | null): Promise<PublishedProject> {
  return request('POST', path('admin', 'projects', project, 'publish'), { body: { description } })
}

export function unpublish(project: string): Promise<unknown> {
  return request('POST', path('admin', 'projects', project, 'unpublish'))
}

export function sessionKeys(): Promise<SessionKeys> {
  return request('GET', path('admin', 'security', 'jwt', 'status'))
}

export function rotateKeys(): Promise<unknown> {
  return request('POST', path('admin', 'security', 'jwt', 'rotate'))
}

export function retention(): Promise<RetentionStatus> {
  return request('GET', path('admin', 'retention', 'status'))
}

export function health(): Promise<AdminHealth> {
  return request('GET', path('admin', 'health'))
}

/** What the last days cost. */
export function costs(days: number): Promise<Costs> {
  return request('GET', path('admin', 'costs'), { query: { days } })
}

export function backups(): Promise<BackupStatus> {
  return request('GET', path('admin', 'backup-status'))
}

/** What a sweep would remove now. */
export function previewSweep(): Promise<Sweep> {
  return request('GET', path('admin', 'retention', 'preview'))
}

export function sweep(): Promise<Sweep> {
  return request('POST', path('admin', 'retention', 'sweep'))
}

export function resetDemo(): Promise<unknown> {
  return request('POST', path('admin', 'demo', 'reset'))
}
