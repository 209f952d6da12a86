/** Names for the shapes of the API that this program uses. */
import type { BatchAdditions, JobAdditions } from './additions'
import type { components } from './schema.gen'

type Schemas = components['schemas']

export type User = Schemas['UserOut']
export type Login = Schemas['TokenResponse']
export type Session = Schemas['ActiveSessionOut']
export type Token = Schemas['TokenOut']
export type NewToken = Schemas['TokenCreateOut']
export type TokenScope = Token['scope']
export type Batch = Schemas['BatchOut'] & BatchAdditions
export type Job = Schemas['JobOut'] & JobAdditions
export type LatestEpoch = Schemas['JobEpochLatestItem']
export type HostSnapshots = Schemas['BatchResourcesOut']

/** A row of an epochs route: fixed keys and whatever else the script reported. */
export type EpochRow = Readonly<Record<string, unknown>> & { timestamp: string }

export interface JobCurve {
  job_id: string
  points: readonly EpochRow[]
}

export interface LogRow {
  ts: string
  job_id: string | null
  level: string
  line: string
}

/** A page of a list, with the position of the next one. */
export interface Page<T> {
  rows: T[]
  next: string | null
}
