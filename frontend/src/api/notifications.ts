import { path, request } from './client'
import type {
  MailSchedule, MailSubscription, Notification, NotificationPrefs,
} from './types'

export function listNotifications(limit: number, unreadOnly: boolean): Promise<Notification[]> {
  return request('GET', path('notifications'), { query: { limit, unread_only: unreadOnly ? 'true' : undefined } })
}

export function ack(id: number): Promise<unknown> {
  return request('POST', path('notifications', String(id), 'ack'))
}

export function ackAll(): Promise<unknown> {
  return request('POST', path('notifications', 'mark_all_read'))
}

export function remove(id: number): Promise<unknown> {
  return request('DELETE', path('notifications', String(id)))
}

export function prefs(): Promise<NotificationPrefs> {
  return request('GET', path('me', 'notification_prefs'))
}

export function savePrefs(wanted: NotificationPrefs): Promise<NotificationPrefs> {
  return request('PUT', path('me', 'notification_prefs'), { body: wanted })
}

export function subscriptions(): Promise<MailSubscription[]> {
  return request('GET', path('me', 'subscriptions'))
}

export function setSubscriptions(rows: readonly MailSubscription[]): Promise<MailSubscription[]> {
  return request('PATCH', path('me', 'subscriptions'), { body: { subscriptions: rows } })
}

export function schedule(): Promise<MailSchedule> {
  return request('GET', path('me', 'mail_schedule'))
}

export function saveSchedule(wanted: MailSchedule): Promise<MailSchedule> {
  return request('PUT', path('me', 'mail_schedule'), { body: wanted })
}

/** Ends the mails a link stands for; whoever holds the link needs no account. */
export function unsubscribe(token: string, recipient: boolean): Promise<string> {
  const options = { anonymous: true, expect: 'text' as const }
  if (recipient) return request('POST', path('unsubscribe', 'recipient', token), options)
  return request('POST', path('unsubscribe'), { ...options, query: { token } })
}
