//! Keys of agents and their commands. The table of all keys is in the parent.

use super::{Key, batch_partition, instant, key, part, user_partition};
use domain::time::Timestamp;

/// Prefix of the agents in a user's partition.
pub const AGENT_PREFIX: &str = "AG#";

/// gsi2 partition of everybody's agents.
pub const ALL_AGENTS: &str = "AGENTS";

/// An agent.
pub fn agent(user: u64, id: &str) -> Key {
    key(user_partition(user), format!("{AGENT_PREFIX}{}", part(id)))
}

/// Claim of the public part of an agent's token.
pub fn agent_lookup(lookup: &str) -> Key {
    key(format!("AK#{}", part(lookup)), "=")
}

/// Partition of the commands for somebody's agents on a host.
pub fn commands(runner: u64, host: &str) -> String {
    format!("CQ#{runner}#{}", part(host))
}

/// Prefix of those an agent still has to do with.
pub const COMMAND_ALIVE: &str = "A#";

/// Such a command.
pub fn command(runner: u64, host: &str, id: &str) -> Key {
    key(
        commands(runner, host),
        format!("{COMMAND_ALIVE}{}", part(id)),
    )
}

/// A command that is settled.
pub fn settled_command(runner: u64, host: &str, id: &str) -> Key {
    key(commands(runner, host), format!("D#{}", part(id)))
}

/// Prefix of the watchdogs in a user's partition.
pub const WATCHDOG_PREFIX: &str = "WG#";

/// A watchdog, by the agent it is registered as.
pub fn watchdog(owner: u64, agent: &str) -> Key {
    key(
        user_partition(owner),
        format!("{WATCHDOG_PREFIX}{}", part(agent)),
    )
}

/// gsi1 partition of the watchdogs on a host.
pub fn watchdogs_on(host: &str) -> String {
    format!("WH#{}", part(host))
}

/// Partition of what somebody's watchdogs on a host reported.
pub fn watchdog_records(owner: u64, host: &str) -> String {
    format!("WR#{owner}#{}", part(host))
}

/// One report.
pub fn watchdog_record(owner: u64, host: &str, at: Timestamp, id: &str) -> Key {
    key(
        watchdog_records(owner, host),
        format!("{}#{}", instant(at), part(id)),
    )
}

/// How a batch came to be, of a rerun.
pub fn rerun(batch: &str) -> Key {
    key(batch_partition(batch), "RR")
}

/// Prefix of the reruns in their source's partition.
pub const CHILD_PREFIX: &str = "RC#";

/// Entry of a rerun beside its source, by time.
pub fn rerun_child(source: &str, at: Timestamp, batch: &str) -> Key {
    let sk = format!("{CHILD_PREFIX}{}#{}", instant(at), part(batch));
    key(batch_partition(source), sk)
}

/// The newest rerun of a batch.
pub fn newest_rerun(source: &str) -> Key {
    key(batch_partition(source), "RN")
}
