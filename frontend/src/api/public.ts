/** What anybody reads without an account. Answers are the same for everyone, so no credential goes along. */
import { path, request } from './client'
import type { MetricChoice } from './projects'
import type {
  ActiveBatch, EpochRow, HostSnapshots, Job, LatestEpoch, LeaderboardRow, LogRow, MetricMatrix, ProjectResources, PublicBatch, PublicProject,
  PublicProjectBatch, PublicProjectCard,
} from './types'

function read<T>(segments: readonly string[], query: Record<string, string | number | undefined> = {}): Promise<T> {
  return request<T>('GET', path('public', ...segments), { anonymous: true, query })
}

export const publicBatch = (slug: string) => read<PublicBatch>([slug])
export const publicJobs = (slug: string) => read<Job[]>([slug, 'jobs'])
export const publicLatest = (slug: string) => read<{ jobs: LatestEpoch[] }>([slug, 'epochs', 'latest'])
export const publicEpochs = (slug: string, job: string, most: number) => read<EpochRow[]>([slug, 'jobs', job, 'epochs'], { max_points: most })
export const publicLogs = (slug: string, limit: number) => read<LogRow[]>([slug, 'log-lines'], { limit })
export const publicResources = (slug: string) => read<HostSnapshots>([slug, 'resources'])
export const publicEnvironment = (slug: string) => read<Record<string, unknown> | null>([slug, 'env'])

export const publicProjects = () => read<PublicProjectCard[]>(['projects'])
export const publicProject = (project: string) => read<PublicProject>(['projects', project])
export const publicProjectBatches = (project: string) => read<PublicProjectBatch[]>(['projects', project, 'batches'])
export const publicActive = (project: string) => read<ActiveBatch[]>(['projects', project, 'active-batches'])
export const publicLeaderboard = (project: string, choice: MetricChoice) => read<LeaderboardRow[]>(['projects', project, 'leaderboard'], { ...choice })
export const publicMatrix = (project: string, choice: MetricChoice) => read<MetricMatrix>(['projects', project, 'matrix'], { ...choice })
export const publicProjectResources = (project: string) => read<ProjectResources>(['projects', project, 'resources'])
