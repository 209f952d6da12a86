import { answer, path, request } from './client'
import type {
  ActiveBatch, Batch, GuardrailTrial, GuardrailWish, LeaderboardRow, Member, MetricMatrix, NewProject, Project, ProjectCard, ProjectResources, ProjectSettings, ProjectUsage,
  Recipient, Role,
} from './types'

export interface MetricChoice {
  metric?: string | undefined
  direction?: string | undefined
}

export function listProjects(): Promise<ProjectCard[]> {
  return request('GET', path('projects'))
}

export function createProject(wish: NewProject): Promise<{ project: string }> {
  return request('POST', path('projects'), { body: wish })
}

export function getProject(project: string): Promise<Project> {
  return request('GET', path('projects', project))
}

export function editProject(project: string, change: ProjectSettings): Promise<unknown> {
  return request('PATCH', path('projects', project), { body: change })
}

export function deleteProject(project: string): Promise<{ batches: number }> {
  return request('DELETE', path('projects', project))
}

export function activeOfProject(project: string): Promise<ActiveBatch[]> {
  return request('GET', path('projects', project, 'active-batches'))
}

export function leaderboard(project: string, choice: MetricChoice): Promise<LeaderboardRow[]> {
  return request('GET', path('projects', project, 'leaderboard'), { query: { ...choice } })
}

export function matrix(project: string, choice: MetricChoice): Promise<MetricMatrix> {
  return request('GET', path('projects', project, 'matrix'), { query: { ...choice } })
}

export function projectResources(project: string): Promise<ProjectResources> {
  return request('GET', path('projects', project, 'resources'))
}

export function projectUsage(project: string): Promise<ProjectUsage> {
  return request('GET', path('projects', project, 'usage'))
}

/** What thresholds would have found in past batches, newest first; `cursor` goes on with older ones. */
export function tryGuardrails(project: string, thresholds: GuardrailWish, batches: number, cursor?: string): Promise<GuardrailTrial> {
  return request('POST', path('projects', project, 'guardrails', 'replay'), { body: { thresholds, batches, cursor } })
}

export function members(project: string): Promise<Member[]> {
  return request('GET', path('projects', project, 'members'))
}

export function addMember(project: string, username: string, role: Role): Promise<Member> {
  return request('POST', path('projects', project, 'members'), { body: { username, role } })
}

export function changeMember(project: string, userId: number, role: Role): Promise<Member> {
  return request('PATCH', path('projects', project, 'members', String(userId)), { body: { role } })
}

export function removeMember(project: string, userId: number): Promise<unknown> {
  return request('DELETE', path('projects', project, 'members', String(userId)))
}

export function recipients(project: string): Promise<Recipient[]> {
  return request('GET', path('projects', project, 'recipients'))
}

export function addRecipient(project: string, email: string, kinds: readonly string[]): Promise<Recipient> {
  return request('POST', path('projects', project, 'recipients'), { body: { email, event_kinds: kinds } })
}

export function editRecipient(project: string, id: number, change: { enabled?: boolean; event_kinds?: readonly string[] }): Promise<Recipient> {
  return request('PATCH', path('projects', project, 'recipients', String(id)), { body: change })
}

export function removeRecipient(project: string, id: number): Promise<unknown> {
  return request('DELETE', path('projects', project, 'recipients', String(id)))
}

/** Whether the answer is complete needs no headers here, so only rows come back. */
export async function batchesOfProject(project: string, limit: number): Promise<Batch[]> {
  return (await answer<Batch[]>('GET', path('batches'), { query: { project, limit } })).body
}
