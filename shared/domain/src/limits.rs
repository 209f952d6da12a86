//! Every bound of the product in one place. Sizes in bytes, durations in seconds.

/// Most events in one `POST /api/events/batch`.
pub const EVENTS_PER_BATCH: usize = 500;
/// Largest request body.
pub const BODY_BYTES: usize = 5 * 1024 * 1024;
/// Largest single event as JSON; keeps every stored item under 300 KB.
pub const EVENT_BYTES: usize = 256 * 1024;
/// Largest payload of one stored chunk or feed item, after compression.
pub const CHUNK_BYTES: usize = 280 * 1024;
/// `batch_id` length in characters.
pub const BATCH_ID_CHARS: usize = 128;
/// `job_id` length in characters.
pub const JOB_ID_CHARS: usize = 256;
/// Shortest `event_id` in characters.
pub const EVENT_ID_MIN_CHARS: usize = 8;
/// Longest `event_id` in characters.
pub const EVENT_ID_MAX_CHARS: usize = 64;
/// Channels of one live stream.
pub const SSE_CHANNELS: usize = 64;
/// How long a feed item can be replayed.
pub const FEED_TTL_SECS: i64 = 48 * 3600;
/// A batch's `last_event_at` is written at most this often while only detail arrives.
pub const TOUCH_SECS: i64 = 10;
/// Validation losses kept on a job for its sparkline.
pub const TRACE_POINTS: usize = 20;
/// Active API tokens of one user.
pub const TOKENS_PER_USER: usize = 50;
/// Name of an API token, in characters.
pub const TOKEN_NAME_CHARS: usize = 64;
/// Pinned batches of one user.
pub const PINS_PER_USER: usize = 4;
/// Length of what a star is on, in characters.
pub const STAR_TARGET_CHARS: usize = 256;
/// Length of a host name in lists, in characters; longer ones are cut.
pub const HOST_CHARS: usize = 256;
/// GPUs in one resource snapshot.
pub const GPUS_PER_SNAPSHOT: usize = 64;
/// A host's "last seen" is written at most this often.
pub const HOST_TOUCH_SECS: i64 = 60;
/// A host seen within this time is online.
pub const HOST_ONLINE_SECS: i64 = 300;
/// A host must have been silent for longer than this to be deleted.
pub const HOST_QUIET_SECS: i64 = 600;
/// Hosts one caller can list.
pub const HOSTS_LISTED: usize = 5000;
/// Host cards on a dashboard.
pub const DASHBOARD_HOSTS: usize = 200;
/// What an hour of a host may cost, US dollars.
pub const HOURLY_USD: std::ops::RangeInclusive<f64> = 0.0..=10_000.0;
/// A GPU hotter than this is warned of, °C.
pub const GPU_HOT_C: f64 = 85.0;
/// Less free disk than this is warned of, MB.
pub const DISK_LOW_MB: f64 = 10_000.0;
/// Snapshots one time series is made from at most; the newest count.
pub const TIMESERIES_SNAPSHOTS: usize = 20_000;
/// How far a client's clock may be ahead of ours before a filter by its time misses events.
pub const CLOCK_AHEAD_SECS: i64 = 600;
/// Seconds between keepalive frames.
pub const SSE_KEEPALIVE_SECS: u64 = 15;
/// Largest `max_points` a caller may ask for.
pub const MAX_POINTS: usize = 10_000;
/// Silence after which a batch that has not ended is shown as stalled.
pub const STALLED_SECS: i64 = 300;
/// Characters of a batch's given name.
pub const NAME_CHARS: usize = 200;
/// Labels of a batch.
pub const TAGS: usize = 32;
/// Characters of a label.
pub const TAG_CHARS: usize = 64;
/// Characters of the notes people keep beside a batch.
pub const NOTES_CHARS: usize = 10_000;
/// Characters of a reason for stopping.
pub const REASON_CHARS: usize = 500;
/// Characters of a project name that is chosen by hand.
pub const SLUG_CHARS: usize = 128;
/// Characters of a project's description.
pub const DESCRIPTION_CHARS: usize = 2_000;
/// Characters of a metric's name.
pub const METRIC_CHARS: usize = 64;
/// Metrics of one project whose direction is set by hand.
pub const DIRECTIONS: usize = 100;
/// Members of one project.
pub const MEMBERS: usize = 500;
/// Addresses of one project that are told what happens.
pub const RECIPIENTS: usize = 100;
/// Projects and shares one person takes part in.
pub const GRANTS: usize = 5_000;
/// Batches or jobs deleted by one request.
pub const BULK_ITEMS: usize = 500;

/// Artifacts of one job, or of one batch as a whole.
pub const ARTIFACTS_PER_JOB: u64 = 5_000;
/// Artifacts of one user that wait for their job to appear.
pub const ARTIFACTS_PARKED: usize = 1_000;
/// How long an artifact waits for its job. Ingest settles it when its batch ends, reads settle it
/// earlier; this is for jobs that never come.
pub const PARKED_TTL_SECS: i64 = 7 * 24 * 3600;
/// How long an announced upload may take.
pub const UPLOAD_TTL_SECS: i64 = 24 * 3600;
/// Largest object one presigned request can carry (a rule of S3).
pub const PRESIGNED_BYTES: u64 = 5 * 1024 * 1024 * 1024;
/// Life of a URL to upload to.
pub const UPLOAD_URL_SECS: u64 = 3600;
/// Life of a URL to download from.
pub const DOWNLOAD_URL_SECS: u64 = 300;
/// Bytes of file names, captions and `meta` of one artifact, each.
pub const ARTIFACT_TEXT_BYTES: usize = 16 * 1024;
/// Memory all uploads of one process may fill at the same time.
pub const UPLOAD_MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// Largest spill file as uploaded.
pub const SPILL_BYTES: u64 = 1024 * 1024 * 1024;
/// Largest spill file after decompression.
pub const SPILL_UNPACKED_BYTES: u64 = 32 * 1024 * 1024 * 1024;
/// Longest line of a spill file.
pub const SPILL_LINE_BYTES: usize = 1024 * 1024;
/// Events of a spill file stored together.
pub const SPILL_GROUP_EVENTS: usize = 1000;
/// Bytes of a spill file stored together; a group ends with the line that reaches it.
pub const SPILL_GROUP_BYTES: usize = 2 * 1024 * 1024;
/// Refused lines of a spill file that are kept with their reasons.
pub const SPILL_REJECTS: usize = 100;
/// How long the outcome of a spill can be asked for.
pub const SPILL_TTL_SECS: i64 = 30 * 24 * 3600;
/// Records of one stored chunk: what one request, or one group of a spill file, can bring.
pub const CHUNK_RECORDS: usize = if SPILL_GROUP_EVENTS > EVENTS_PER_BATCH {
    SPILL_GROUP_EVENTS
} else {
    EVENTS_PER_BATCH
};
/// Spill files of one user that may wait at the same time.
pub const SPILLS_WAITING: usize = 1_000;

/// Rows of what one user wants to be mailed.
pub const SUBSCRIPTIONS: usize = 1000;
/// How long a notification is kept.
pub const NOTIFICATION_TTL_SECS: i64 = 90 * 24 * 3600;
/// Channels of one user.
pub const CHANNELS_PER_OWNER: usize = 20;
/// Characters of a channel's name.
pub const CHANNEL_NAME_CHARS: usize = 64;
/// Characters of a channel's address.
pub const CHANNEL_URL_CHARS: usize = 2048;
/// Characters of a channel's secret or chat.
pub const CHANNEL_SECRET_CHARS: usize = 256;
/// A channel can be tested this often.
pub const CHANNEL_TEST_SECS: i64 = 10;

/// Seconds an agent counts as online after its last sign of life; it gives one every thirty.
pub const AGENT_ONLINE_SECS: i64 = 90;
/// Seconds a watchdog may be silent, however often it looks.
pub const WATCHDOG_SILENT_SECS: i64 = 900;
/// Agents of one user.
pub const AGENTS_PER_USER: usize = 500;
/// Seconds an agent that was shown a command keeps others from it.
pub const COMMAND_LEASE_SECS: i64 = 60;
/// Seconds after which nobody takes a command any more.
pub const COMMAND_TTL_SECS: i64 = 24 * 3600;
/// Seconds a settled command stays readable.
pub const COMMAND_KEPT_SECS: i64 = 30 * 24 * 3600;
/// Commands that may wait for the agents of one host.
pub const COMMANDS_WAITING: usize = 500;
/// Longest overrides of a rerun as JSON, bytes.
pub const OVERRIDES_BYTES: usize = 64 * 1024;
/// Longest recorded command line an agent is sent, bytes.
pub const COMMAND_BYTES: usize = 64 * 1024;
/// Last lines of an exit report.
pub const EXIT_LINES: usize = 50;
/// Characters of such a line.
pub const EXIT_LINE_CHARS: usize = 2_000;
/// Seconds a run's own token works; its agent gets a new one whenever it asks.
pub const RUN_TOKEN_SECS: i64 = 30 * 24 * 3600;
/// Seconds what a watchdog reported stays.
pub const WATCHDOG_RECORD_SECS: i64 = 30 * 24 * 3600;
/// Records of one report.
pub const WATCHDOG_RECORDS: usize = 500;
/// Longest record as JSON, bytes.
pub const WATCHDOG_RECORD_BYTES: usize = 64 * 1024;
