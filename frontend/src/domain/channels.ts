/** What the forms of channels ask for, by kind. */
export const CHANNEL_KINDS = ['slack', 'discord', 'telegram', 'feishu', 'dingtalk', 'wecom', 'ntfy', 'webhook'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

export interface ChannelFields {
  url: boolean
  chat: boolean
  /** Which kind of secret, null for none; words under `channels.secret`. */
  secret: 'key' | 'bot' | 'access' | null
  secretNeeded: boolean
}

const PLAIN: ChannelFields = { url: true, chat: false, secret: null, secretNeeded: false }

export function fieldsOf(kind: ChannelKind): ChannelFields {
  switch (kind) {
    case 'telegram':
      return { url: false, chat: true, secret: 'bot', secretNeeded: true }
    case 'feishu':
    case 'dingtalk':
    case 'webhook':
      return { ...PLAIN, secret: 'key' }
    case 'ntfy':
      return { ...PLAIN, secret: 'access' }
    default:
      return PLAIN
  }
}

/** An address of each kind, as an example. */
export const CHANNEL_EXAMPLES: Readonly<Record<ChannelKind, string>> = {
  slack: 'https://hooks.slack.com/services/…',
  discord: 'https://discord.com/api/webhooks/…',
  telegram: '',
  feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/…',
  dingtalk: 'https://oapi.dingtalk.com/robot/send?access_token=…',
  wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…',
  ntfy: 'https://ntfy.sh/topic',
  webhook: 'https://example.org/hook',
}

export function isChannelKind(word: string): word is ChannelKind {
  return (CHANNEL_KINDS as readonly string[]).includes(word)
}
