//! Which of the processes of one distributed run this is.

use crate::vars;

/// Variables of launchers that hold a process's rank, with the one that says how many there are
/// where the first is set for runs of one process as well.
const LAUNCHERS: [(&str, Option<&str>); 4] = [
    ("RANK", None),
    ("OMPI_COMM_WORLD_RANK", None),
    ("PMI_RANK", None),
    ("SLURM_PROCID", Some("SLURM_NTASKS")),
];

/// The rank a launcher gave this process; `None` outside of one.
pub fn rank() -> Option<u32> {
    LAUNCHERS.iter().find_map(|(rank, size)| {
        let count = size.and_then(vars::text);
        let several = size.is_none() || count.and_then(|n| n.parse::<u32>().ok()) > Some(1);
        vars::text(rank)?.parse().ok().filter(|_| several)
    })
}

/// Whether this process stays silent: rank 0 speaks for all, unless `ARGUS_ALL_RANKS=1`.
pub fn is_silent() -> bool {
    !vars::says_yes(vars::ALL_RANKS) && rank().is_some_and(|rank| rank > 0)
}
