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

export type Dashboard = Schemas['DashboardOut']
export type DashboardHost = Schemas['DashboardHostCard']
export type Activity = Schemas['DashboardActivityItem']
export type BatchEta = Schemas['BatchEtaOut']
export type BatchHealth = Schemas['HealthOut']
export type BatchEdit = Schemas['BatchEdit']
export type JobEta = Schemas['JobEtaOut']
export type StopWish = Schemas['StopRequestedOut']
export type Usage = Schemas['UsageOut']
export type BulkDeleted = Schemas['BulkDeletedOut']
export type Artifact = Schemas['ArtifactOut']
export type UploadTicket = Schemas['UploadTicket']
export type BatchMails = Schemas['BatchMailsOut']
export type CompactBatch = Omit<Schemas['BatchCompactItem'], 'batch' | 'jobs'> & { batch: Batch; jobs: Job[] }
export type ListedJob = Omit<Schemas['ListedJob'], 'job'> & { job: Job }
export type JobPage = Omit<Schemas['JobListOut'], 'items'> & { items: ListedJob[] }
export type Pin = Schemas['PinOut']
export type Star = Schemas['StarOut']

export type ProjectFigures = Schemas['ProjectFigures']
export type ProjectCard = Schemas['ProjectCard']
export type Project = Schemas['ProjectOut']
export type ProjectSettings = Schemas['Settings']
export type NewProject = Schemas['ProjectIn']
export type ActiveBatch = Schemas['ActiveBatch']
export type LeaderboardRow = Schemas['LeaderboardRow']
export type MetricMatrix = Schemas['MatrixOut']
export type ProjectResources = Schemas['ProjectResourcesOut']
export type ProjectUsage = Schemas['ProjectUsageOut']
export type Guardrails = Schemas['GuardrailsOut']
export type GuardrailWish = Schemas['GuardrailsIn']
export type GuardrailTrial = Schemas['GuardrailsReplayOut']
export type Member = Schemas['MemberOut']
export type Recipient = Schemas['RecipientOut']
export type Role = 'viewer' | 'editor' | 'owner'
export type Permission = Schemas['Permission']

export type BatchShare = Schemas['BatchShareOut']
export type ProjectShare = Schemas['ProjectShareOut']
export type PublicLink = Schemas['PublicLinkOut']
export type PublicBatch = Schemas['PublicBatchOut']
export type PublicProject = Schemas['PublicProjectDetail']
export type PublicProjectCard = Schemas['PublicProjectSummary']
export type PublicProjectBatch = Schemas['PublicProjectBatch']

export type Notification = Schemas['NotificationOut']
export type Channel = Schemas['ChannelOut']
export type ChannelWish = Schemas['ChannelIn']
export type ChannelPatch = Schemas['ChannelPatchIn']
export type NewChannel = Schemas['ChannelCreatedOut']
export type ChannelMessage = Schemas['ChannelMessageOut']
export type QuietHours = Schemas['QuietHoursOut']
export type MailSchedule = Schemas['MailScheduleOut']
export type NotificationPrefs = Schemas['NotificationPrefs']
export type MailSubscription = Schemas['SubscriptionOut']

export type AdminUser = Schemas['AdminUserOut']
export type FeatureFlag = Omit<Schemas['FeatureFlagOut'], 'value'> & { value: unknown }
export type ConfigItem = Omit<Schemas['SystemConfigItem'], 'value'> & { value: unknown }
export type SmtpConfig = Schemas['SmtpConfigOut']
export type SmtpWish = Schemas['SmtpConfigIn']
export type SmtpTest = Schemas['SmtpTestOut']
export type MailTemplate = Schemas['EmailTemplateOut']
export type MailPreview = Schemas['EmailTemplatePreviewOut']
export type DeadLetter = Schemas['DeadLetterOut']
export type MailStats = Schemas['MailStatsOut']
export type AuditRow = Schemas['AuditLogOut']
export type PublishedProject = Schemas['PublicProjectMetaOut']
export type SessionKeys = Schemas['JwtStatusOut']
export type RetentionStatus = Schemas['RetentionStatusOut']
export type BackupStatus = Schemas['BackupStatusOut']
export type Sweep = Schemas['SweepOut']
export type AdminHealth = Schemas['AdminHealthOut']
export type Costs = Schemas['CostsOut']
export type HostRate = Schemas['HostRateOut']
export type GpuHours = Schemas['GpuHoursRow']

export type Host = Schemas['HostCard']
export type HostSeries = Schemas['HostTimeseriesOut']
export type HostGauges = Schemas['Gauges']
export type Comparison = Omit<Schemas['CompareOut'], 'batches'> & { batches: ComparedBatch[] }
export type ComparedBatch = Omit<Schemas['ComparedBatch'], 'jobs' | 'best_metric'> & { jobs: ComparedJob[] }
export type ComparedJob = Omit<Schemas['ComparedJob'], 'metrics'> & { metrics?: Free | null }
export type StudyRow = Schemas['StudyRow']
export type Trial = Omit<Schemas['TrialOut'], 'params' | 'metrics'> & { params: Free; metrics?: Free | null }
export type Study = Omit<Schemas['StudyOut'], 'trials'> & { trials: Trial[] }

export type Agent = Schemas['AgentOut']
export type Rerun = Schemas['RerunOut']
export type RerunInfo = Schemas['RerunInfoOut']
export type Watchdog = Schemas['WatchdogOut']
export type WatchdogRecord = Omit<Schemas['WatchdogRecordOut'], 'data'> & { data: unknown }
export type WatchdogWish = Schemas['WatchdogWishesIn']
export type Incidents = Schemas['IncidentsOut']
