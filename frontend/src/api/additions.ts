/** Fields of ours that the generated document does not describe yet. */

export interface BatchAdditions {
  owner_id?: number | null
  last_event_at?: string | null
  /** Text of a failure. */
  error?: string | null
  /** Commit the script reported. */
  commit?: string | null
  git_sha_short?: string | null
  git_remote_url?: string | null
}

export interface JobAdditions {
  last_epoch?: number | null
  last_event_at?: string | null
  /** Text of a failure. */
  error?: string | null
  /** Whatever else the script said about the job. */
  extra?: Readonly<Record<string, unknown>> | null
}
