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
/// Batches or jobs deleted by one request.
pub const BULK_ITEMS: usize = 500;
