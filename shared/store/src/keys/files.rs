//! Keys of artifacts and spill uploads. The table of all keys is in the parent.

use super::{Key, key, number, part};

/// Artifact.
pub fn artifact(id: u64) -> Key {
    key(format!("AF#{id}"), "=")
}

/// Partition of a batch's artifacts.
pub fn artifacts_partition(batch: &str) -> String {
    format!("A#{}", part(batch))
}

/// Prefix of the entries in a batch's artifacts.
pub const ARTIFACT_PREFIX: &str = "J#";

/// Prefix of the entries of one job; the empty job stands for the batch itself.
pub fn artifacts_of_job(job: &str) -> String {
    format!("{ARTIFACT_PREFIX}{}#", part(job))
}

/// Entry in the list of a batch's artifacts.
pub fn artifact_entry(batch: &str, job: &str, id: u64) -> Key {
    let sk = format!("{}{}", artifacts_of_job(job), number(id));
    key(artifacts_partition(batch), sk)
}

/// Prefix of what the jobs of a batch use of their quotas.
pub const ARTIFACT_USAGE_PREFIX: &str = "U#";

/// How much of its quota a job uses.
pub fn artifact_usage(batch: &str, job: &str) -> Key {
    let sk = format!("{ARTIFACT_USAGE_PREFIX}{}", part(job));
    key(artifacts_partition(batch), sk)
}

/// Partition of a user's parked artifacts.
pub fn parked_partition(user: u64) -> String {
    format!("AP#{user}")
}

/// Entry of a parked artifact.
pub fn parked(user: u64, id: u64) -> Key {
    key(parked_partition(user), number(id))
}

/// Spill upload.
pub fn spill(id: u64) -> Key {
    key(format!("SP#{id}"), "=")
}

/// Partition of the spill uploads that are not finished.
pub const SPILLS: &str = "SPILLS";

/// Prefix of one user's entries there.
pub fn spills_of(user: u64) -> String {
    format!("{user}#")
}

/// Entry of an unfinished spill upload.
pub fn spill_entry(user: u64, id: u64) -> Key {
    key(
        SPILLS.to_owned(),
        format!("{}{}", spills_of(user), number(id)),
    )
}
