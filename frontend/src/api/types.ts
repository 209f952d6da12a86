/** Names for the shapes of the API that this program uses. */
import type { components } from './schema.gen'

type Schemas = components['schemas']
/** Objects whose keys the training script chose. */
type Free = Readonly<Record<string, unknown>>

export type User = Schemas['UserOut']
export type Login = Schemas['TokenResponse']
export type Session = Schemas['ActiveSessionOut']
export type Token = Schemas['TokenOut']
export type NewToken = Schemas['TokenCreateOut']
export type TokenScope = 'reporter' | 'viewer'
export type Batch = Omit<Schemas['BatchOut'], 'env_snapshot'> & { env_snapshot?: Free | null }
export type Job = Omit<Schemas['JobOut'], 'extra' | 'metrics'> & { extra?: Free | null; metrics?: Free | null }
export type LatestEpoch = Schemas['JobEpochLatest']
export type HostSnapshots = Schemas['BatchResourcesOut']

/** A row of an epochs route: fixed keys and whatever else the script reported. */
export type EpochRow = Free & { timestamp: string }

export interface JobCurve {
  job_id: string
  points: readonly EpochRow[]
}

/** A row of either log route; the parts both have. */
export interface LogRow {
  ts: string
  job_id?: string | null | undefined
  level: string
  line: string
}

/** A page of a list, with the position of the next one. */
export interface Page<T> {
  rows: T[]
  next: string | null
}
