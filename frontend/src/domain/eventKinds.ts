/** Kinds of events people are told of, in the order they are offered. */
export const NOTICE_KINDS = [
  'batch_done', 'batch_failed', 'batch_stopped', 'batch_diverged', 'batch_stalled', 'batch_recovered', 'job_failed', 'oom_suspected', 'job_idle_flagged',
  'share_granted', 'rerun_expired', 'agent_offline', 'host_trouble',
] as const

/** Those a project's recipients can have. */
export const RECIPIENT_KINDS = ['batch_done', 'batch_failed', 'batch_diverged', 'job_failed', 'job_idle_flagged', 'share_granted'] as const

const NOT_OF_BATCHES: readonly string[] = ['share_granted', 'agent_offline', 'host_trouble']

/** Those that can happen to one batch. */
export const BATCH_KINDS = NOTICE_KINDS.filter((kind) => !NOT_OF_BATCHES.includes(kind))
