import { answer, path, request } from './client'
import type { Channel, ChannelMessage, ChannelPatch, ChannelWish, NewChannel, Page } from './types'

/** Whose channels: a project's, or the user's own. */
export type ChannelOwner = { project: string } | 'me'

function at(owner: ChannelOwner, ...rest: string[]): string {
  return owner === 'me' ? path('me', 'channels', ...rest) : path('projects', owner.project, 'channels', ...rest)
}

export function channels(owner: ChannelOwner): Promise<Channel[]> {
  return request('GET', at(owner))
}

export function createChannel(owner: ChannelOwner, wish: ChannelWish): Promise<NewChannel> {
  return request('POST', at(owner), { body: wish })
}

export function changeChannel(owner: ChannelOwner, id: number, patch: ChannelPatch): Promise<Channel> {
  return request('PATCH', at(owner, String(id)), { body: patch })
}

export function deleteChannel(owner: ChannelOwner, id: number): Promise<unknown> {
  return request('DELETE', at(owner, String(id)))
}

export function testChannel(owner: ChannelOwner, id: number): Promise<unknown> {
  return request('POST', at(owner, String(id), 'test'))
}

/** What was said on a channel within 14 days, newest first. */
export async function messages(owner: ChannelOwner, id: number, limit: number): Promise<Page<ChannelMessage>> {
  const { body, headers } = await answer<ChannelMessage[]>('GET', at(owner, String(id), 'messages'), { query: { limit } })
  return { rows: body, next: headers.get('x-next-cursor') }
}

/** Sends messages once more, under their ids. */
export function resend(owner: ChannelOwner, id: number, messageIds: readonly number[]): Promise<{ queued: number }> {
  return request('POST', at(owner, String(id), 'replay'), { body: { ids: messageIds, all: true } })
}
