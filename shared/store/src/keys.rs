//! Every key of the table, built from typed inputs. Nothing else in the project formats a key.
//!
//! | pk | sk | what |
//! |---|---|---|
//! | `B#batch` | `B` | batch summary (gsi1 `O#owner` by start; gsi2 `ALL` by start) |
//! | `B#batch` | `ENV` | environment snapshot |
//! | `B#batch` | `J#job` | job summary |
//! | `B#batch` | `M#event_id` | marker of a lifecycle event |
//! | `E#batch#job` | chunk id | epochs |
//! | `L#batch#job` | chunk id | log lines (gsi1 `LB#batch` by chunk id) |
//! | `R#batch` | chunk id | host gauges (gsi1 `RH#owner#host` by chunk id) |
//! | `HO#owner` | host | a host of somebody's batches (gsi2 `HOSTS` by host, then owner) |
//! | `HIDDEN` | host | a host an administrator deleted |
//! | `F#batch` | feed number | feed item |
//! | `PB#project` | start#batch | a batch of a project (gsi1 `PE#project` by start when enrolled; gsi2 `PO#project#owner` by start) |
//! | `PL#slug` | `=` | public link with its views; entries `PL#slug` below its batch and its maker |
//! | `P#project` | `P` | project (gsi1 `PUBLIC` by name when public; gsi2 `PROJECTS` by name) |
//! | `P#project` | `M#user` | member |
//! | `P#project` | `R#id` / `RE#email` | mail recipient, claim on its address |
//! | `B#batch` | `SH#user` | whom the batch is shared with |
//! | `U#user` | `GS#project#user` | whom all one's batches in a project are shared with |
//! | `U#user` | `G#P#project` / `G#B#batch` / `G#O#owner#project` | what others gave a user: membership, a batch, an owner's batches |
//! | `B#batch` | `D` | digest of an ended batch's jobs |
//! | `B#batch` | `W` | what guardrails remember of a batch |
//! | `FAILURES` | batch | an ended batch whose failed jobs are yet to be looked into |
//! | `AU#month` | time | audit rows |
//! | `AF#id` | `=` | artifact |
//! | `A#batch` | `J#job#id` / `U#job` | list of a batch's artifacts, use of a job's quota (job empty: the batch) |
//! | `AP#user` | id | list of artifacts that wait for their job |
//! | `SP#id` | `=` | spill upload and its progress |
//! | `SPILLS` | `user#id` | a spill upload that is not finished |
//! | `ACTIVE` | batch | a batch that has not ended |
//! | `DELETED` | time#batch | a deleted batch whose rows are still there, written and removed with its mark |
//! | `DROPPED` | project | a deleted project with its members and recipients |
//! | `B#batch` | `KEPT` | until when a batch's detail is kept at least, as the sweep last saw it |
//! | `U#user` | `U` / `S#jti` / `T#token` / `TOKENS` | user, session, API token, tokens ever made |
//! | `U#user` | `PINS` / `ST#type#target` | pinned batches, star |
//! | `U#user` | `PLACES` | where the user logged in from |
//! | `UN#name`, `UE#email`, `UP#provider#subject`, `TK#lookup` | `=` | unique claims pointing at their user or token |
//! | `MS#digest` | `=` | one-time secret sent by mail |
//! | `PF#digest` | `=` | login under way at an identity provider |
//! | `LM#bucket#key` | `=` | level of a bucket that all instances share |
//! | `LL#who` | network | wrong passwords for an account from one network |
//! | `CLOSING` | user | a closed account whose batches and rows are being removed |
//! | `USERS` | user | list of users |
//! | `OUTBOX` | `due#id` | a message that waits; a lease is a later due time |
//! | `DEAD` | id | a message that was given up |
//! | `OC#day` | `HH:MM` | messages sent and given up within five minutes |
//! | `U#user` | `NM#gate` | what the next mail of a kind will tell a user |
//! | `U#user` | `NP` / `CH#id` | what a user wants to be told, channel |
//! | `P#project` | `CH#id` | channel of a project |
//! | `U#user` | `BS#batch` | what a user wants to be told of one batch |
//! | `NO#user` | id | notification shown in the web UI |
//! | `P#project` | `NM#id#gate` | what the next mail of a kind will tell a recipient |
//! | `TM#caused#id` | `U#user` / `R#id` / `C#id` | somebody, or a project's channel, was told of the notice in a message |
//! | `CS#channel` | id | what was said on a channel |
//! | `UT#digest` / `UR#digest` | `=` | unsubscribe link, the same of a recipient |
//! | `MT` | template#language | words of a mail somebody wrote |
//! | `U#user` | `AG#id` | agent (gsi2 `AGENTS` by id) |
//! | `AK#lookup` | `=` | claim of an agent's token |
//! | `CQ#runner#host` | `A#id` / `D#id` | command for somebody's agents on a host, open or settled |
//! | `B#batch` | `RR` / `RN` / `RC#time#batch` | how a rerun came to be; the newest rerun of a batch, all of them |
//! | `U#user` | `WG#agent` | watchdog (gsi1 `WH#host` by agent) |
//! | `WR#user#host` | time#id | what somebody's watchdogs on a host reported |
//! | `RUNS` | name | last run of a scheduled function |
//! | `SPENT#day` | row id | what a process did that day, as it is billed |
//! | `U#user` | `HR#host` | dollars an hour of a host, for the batches of a user; below `HR` for everybody's |
//! | `SYS` | name | settings, one-time marks, progress of the sweep |

mod access;
mod admin;
mod agents;
mod files;
mod kept;
mod projects;

pub use access::*;
pub use admin::*;
pub use agents::*;
pub use files::*;
pub use kept::*;
pub use projects::*;

use domain::event::Detail;
use domain::mark::StarTarget;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// Longest id, in bytes, that stands in a key as it is.
const PLAIN_BYTES: usize = 300;

/// A client's id as a key part: `#` and `%` are escaped so that parts cannot run together, and an
/// id too long for a sort key becomes a digest (order inside is by attribute, never by this text).
fn part(id: &str) -> String {
    if id.len() > PLAIN_BYTES {
        return format!("%~{}", hex::encode(Sha256::digest(id.as_bytes())));
    }
    if id.contains(['#', '%']) {
        return id.replace('%', "%25").replace('#', "%23");
    }
    id.to_owned()
}

/// A number as sortable text; 16 digits hold every 53-bit integer.
pub fn number(n: u64) -> String {
    format!("{n:016}")
}

fn instant(at: Timestamp) -> String {
    number(u64::try_from(at.0).unwrap_or(0))
}

/// Partition of a batch: summary, jobs, markers.
pub fn batch_partition(batch: &str) -> String {
    format!("B#{}", part(batch))
}

/// Batch summary.
pub fn batch(batch: &str) -> Key {
    key(batch_partition(batch), "B")
}

/// Environment snapshot of a batch.
pub fn env(batch: &str) -> Key {
    key(batch_partition(batch), "ENV")
}

/// Prefix of the jobs in a batch's partition.
pub const JOB_PREFIX: &str = "J#";

/// Job summary.
pub fn job(batch: &str, job: &str) -> Key {
    key(batch_partition(batch), format!("{JOB_PREFIX}{}", part(job)))
}

/// Marker of a lifecycle event. Markers lie inside the batch, so a stranger who guesses an event
/// id cannot swallow somebody's event.
pub fn marker(batch: &str, event_id: &str) -> Key {
    key(
        batch_partition(batch),
        format!("{MARKER_PREFIX}{}", part(event_id)),
    )
}

/// Partition of a stream of chunks. Lines without a job live under the empty job id.
pub fn chunk_partition(kind: Detail, batch: &str, job: &str) -> String {
    match kind {
        Detail::Epochs => format!("E#{}#{}", part(batch), part(job)),
        Detail::Logs => format!("L#{}#{}", part(batch), part(job)),
        Detail::Snapshots => format!("R#{}", part(batch)),
    }
}

/// One chunk.
pub fn chunk(kind: Detail, batch: &str, job: &str, id: u64) -> Key {
    key(chunk_partition(kind, batch, job), number(id))
}

/// gsi1 partition of all log chunks of a batch.
pub fn logs_of_batch(batch: &str) -> String {
    format!("LB#{}", part(batch))
}

/// gsi1 partition of the snapshots of a host, as far as one owner's batches reported them.
pub fn snapshots_of_host(owner: u64, host: &str) -> String {
    format!("RH#{owner}#{}", part(host))
}

/// Partition of the hosts of an owner's batches.
pub fn hosts_of(owner: u64) -> String {
    format!("HO#{owner}")
}

/// A host of an owner's batches.
pub fn host(owner: u64, host: &str) -> Key {
    key(hosts_of(owner), part(host))
}

/// gsi2 partition of all hosts of all owners.
pub const ALL_HOSTS: &str = "HOSTS";

/// Prefix of the owners of one host in [`ALL_HOSTS`].
pub fn owners_of_host(host: &str) -> String {
    format!("{}#", part(host))
}

/// Place of a host of an owner in [`ALL_HOSTS`].
pub fn host_by_name(owner: u64, host: &str) -> String {
    format!("{}{owner}", owners_of_host(host))
}

/// Partition of the deleted hosts.
pub const HIDDEN_HOSTS: &str = "HIDDEN";

/// Mark of a deleted host.
pub fn hidden_host(host: &str) -> Key {
    key(HIDDEN_HOSTS.to_owned(), part(host))
}

/// Partition of a batch's feed.
pub fn feed_partition(batch: &str) -> String {
    format!("F#{}", part(batch))
}

/// One feed item.
pub fn feed(batch: &str, seq: u64) -> Key {
    key(feed_partition(batch), number(seq))
}

/// gsi1 partition of a user's batches.
pub fn batches_of(owner: u64) -> String {
    format!("O#{owner}")
}

/// gsi2 partition of all batches.
pub const ALL_BATCHES: &str = "ALL";

/// Sort key of both batch lists: newest start last.
pub fn batch_by_start(start: Timestamp, batch: &str) -> String {
    format!("{}#{}", instant(start), part(batch))
}

/// Partition of a project's batches.
pub fn project_batches(project: &str) -> String {
    format!("PB#{}", part(project))
}

/// Entry of a batch in its project.
pub fn project_batch(project: &str, start: Timestamp, batch: &str) -> Key {
    key(project_batches(project), batch_by_start(start, batch))
}

/// Digest of a batch's jobs.
pub fn digest(batch: &str) -> Key {
    key(batch_partition(batch), "D")
}

/// What guardrails remember of a batch.
pub fn watch(batch: &str) -> Key {
    key(batch_partition(batch), "W")
}

/// Partition of the ended batches whose failed jobs are yet to be looked into.
pub const FAILURES: &str = "FAILURES";

/// Entry of such a batch.
pub fn failures(batch: &str) -> Key {
    key(FAILURES.to_owned(), part(batch))
}

/// Audit row `id` of a month, `2026-11`.
pub fn audit(month: &str, id: u64) -> Key {
    key(audit_partition(month), number(id))
}

/// Partition of the audit rows of a month.
pub fn audit_partition(month: &str) -> String {
    format!("AU#{month}")
}

/// Partition of the batches that have not ended.
pub const ACTIVE: &str = "ACTIVE";

/// Entry of an active batch.
pub fn active(batch: &str) -> Key {
    key(ACTIVE.to_owned(), part(batch))
}

/// Partition of a user: account, sessions, tokens.
pub fn user_partition(id: u64) -> String {
    format!("U#{id}")
}

/// User account.
pub fn user(id: u64) -> Key {
    key(user_partition(id), "U")
}

/// Claim on a user name; names differ regardless of case.
pub fn username_claim(name: &str) -> Key {
    key(format!("UN#{}", part(&name.to_lowercase())), "=")
}

/// Claim on an e-mail address.
pub fn email_claim(email: &str) -> Key {
    key(format!("UE#{}", part(&email.to_lowercase())), "=")
}

/// Partition of the list of users.
pub const USERS: &str = "USERS";

/// Entry in the list of users.
pub fn user_entry(id: u64) -> Key {
    key(USERS.to_owned(), number(id))
}

/// Prefix of a user's sessions.
pub const SESSION_PREFIX: &str = "S#";

/// Session.
pub fn session(user: u64, jti: &str) -> Key {
    key(
        user_partition(user),
        format!("{SESSION_PREFIX}{}", part(jti)),
    )
}

/// Prefix of a user's API tokens.
pub const TOKEN_PREFIX: &str = "T#";

/// API token.
pub fn token(user: u64, id: u64) -> Key {
    key(
        user_partition(user),
        format!("{TOKEN_PREFIX}{}", number(id)),
    )
}

/// Number of tokens a user ever made.
pub fn token_counter(user: u64) -> Key {
    key(user_partition(user), "TOKENS")
}

/// Pinned batches of a user.
pub fn pins(user: u64) -> Key {
    key(user_partition(user), "PINS")
}

/// Prefix of a user's stars.
pub const STAR_PREFIX: &str = "ST#";

/// A star.
pub fn star(user: u64, target: StarTarget, id: &str) -> Key {
    key(
        user_partition(user),
        format!("{STAR_PREFIX}{}#{}", target.as_str(), part(id)),
    )
}

/// Claim on a token's public part; points at the token.
pub fn token_lookup(lookup: &str) -> Key {
    key(format!("TK#{}", part(lookup)), "=")
}

/// One-time secret sent by mail, by the digest of the secret.
pub fn mailed_secret(digest: &str) -> Key {
    key(format!("MS#{digest}"), "=")
}

/// A setting or one-time mark of the whole installation.
pub fn system(name: &str) -> Key {
    key("SYS".to_owned(), part(name))
}

mod messages;
pub use messages::*;

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
