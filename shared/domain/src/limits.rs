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
/// Seconds between keepalive frames.
pub const SSE_KEEPALIVE_SECS: u64 = 15;
/// Largest `max_points` a caller may ask for.
pub const MAX_POINTS: usize = 10_000;

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
/// Spill files of one user that may wait at the same time.
pub const SPILLS_WAITING: usize = 1_000;
