/** Kinds of events people are told of, in the order they are offered. */
export const NOTICE_KINDS = ['batch_done', 'batch_failed', 'batch_diverged', 'batch_stalled', 'job_failed', 'job_idle_flagged', 'share_granted'] as const

/** Those a project's recipients can have. */
export const RECIPIENT_KINDS = ['batch_done', 'batch_failed', 'batch_diverged', 'job_failed', 'job_idle_flagged', 'share_granted'] as const

/** Those that can happen to one batch. */
export const BATCH_KINDS = NOTICE_KINDS.filter((kind) => kind !== 'share_granted')
