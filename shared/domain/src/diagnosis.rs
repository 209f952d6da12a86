//! A first guess at why a job failed, from its own words. The words themselves are quoted, so that
//! people judge for themselves.

use crate::guardrail::memory;

/// What probably happened. Stored nowhere; sent as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Memory of the host or a GPU ran out.
    OutOfMemory,
    /// Workers waited for one another in vain.
    NcclTimeout,
    /// A disk is full.
    DiskFull,
    /// Driver, runtime and build do not fit together.
    CudaMismatch,
    /// A module is not installed.
    MissingModule,
    /// A file is not there.
    MissingFile,
    /// Something may not be read or written.
    NotPermitted,
    /// The loss is no number any more.
    NotANumber,
    /// Somebody or something ended the process.
    Killed,
}

impl Cause {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfMemory => "out_of_memory",
            Self::NcclTimeout => "nccl_timeout",
            Self::DiskFull => "disk_full",
            Self::CudaMismatch => "cuda_mismatch",
            Self::MissingModule => "missing_module",
            Self::MissingFile => "missing_file",
            Self::NotPermitted => "not_permitted",
            Self::NotANumber => "not_a_number",
            Self::Killed => "killed",
        }
    }

    /// The cause a line speaks of.
    fn of(line: &str) -> Option<Self> {
        if memory::is_sign(line) {
            return Some(Self::OutOfMemory);
        }
        let line = line.to_lowercase();
        let has = |words: &[&str]| words.iter().all(|word| line.contains(word));
        let any = |alternatives: &[&[&str]]| alternatives.iter().any(|words| has(words));
        let signs: [(Self, &[&[&str]]); 8] = [
            (
                Self::DiskFull,
                &[
                    &["no space left on device"],
                    &["disk quota exceeded"],
                    &["errno 28"],
                ],
            ),
            (
                Self::NcclTimeout,
                &[
                    &["nccl", "timeout"],
                    &["nccl", "timed out"],
                    &["watchdog caught collective"],
                ],
            ),
            (
                Self::CudaMismatch,
                &[
                    &["no kernel image is available"],
                    &["driver version is insufficient"],
                    &["nvidia driver", "too old"],
                    &["libcud", "cannot open shared object"],
                    &["undefined symbol", "cud"],
                ],
            ),
            (
                Self::MissingModule,
                &[&["modulenotfounderror"], &["no module named"]],
            ),
            (
                Self::MissingFile,
                &[&["filenotfounderror"], &["no such file or directory"]],
            ),
            (
                Self::NotPermitted,
                &[&["permissionerror"], &["permission denied"]],
            ),
            (
                Self::NotANumber,
                &[
                    &["loss", "is nan"],
                    &["nan", "detected"],
                    &["nan or inf"],
                    &["loss", "nan", "error"],
                    &["contains nan"],
                ],
            ),
            (
                Self::Killed,
                &[
                    &["sigkill"],
                    &["killed by signal"],
                    &["exit code -9"],
                    &["sigterm"],
                ],
            ),
        ];
        let found = signs
            .into_iter()
            .find(|(_, alternatives)| any(alternatives));
        found.map(|(cause, _)| cause)
    }
}

/// A guess, with the lines it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What probably happened.
    pub cause: Cause,
    /// Places of the lines that say so, the first ones.
    pub lines: Vec<usize>,
}

/// Lines quoted for one cause.
const QUOTED: usize = 3;

/// Guesses from `lines`, oldest first: the causes in order of the last line that speaks of each,
/// the nearest to the end first. A process that was killed says little of why: that comes last.
pub fn diagnose<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Diagnosis> {
    let mut found: Vec<(usize, Diagnosis)> = vec![];
    for (at, line) in lines.into_iter().enumerate() {
        let Some(cause) = Cause::of(line) else {
            continue;
        };
        match found.iter_mut().find(|(_, known)| known.cause == cause) {
            Some((last, known)) => {
                *last = at;
                if known.lines.len() < QUOTED {
                    known.lines.push(at);
                }
            }
            None => found.push((
                at,
                Diagnosis {
                    cause,
                    lines: vec![at],
                },
            )),
        }
    }
    found.sort_by_key(|(last, known)| (known.cause == Cause::Killed, std::cmp::Reverse(*last)));
    found.into_iter().map(|(_, diagnosis)| diagnosis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_by_their_words() {
        for (line, cause) in [
            (
                "torch.OutOfMemoryError: CUDA out of memory.",
                Cause::OutOfMemory,
            ),
            (
                "OSError: [Errno 28] No space left on device: 'ckpt.pt'",
                Cause::DiskFull,
            ),
            (
                "Watchdog caught collective operation timeout: NCCL",
                Cause::NcclTimeout,
            ),
            (
                "CUDA error: no kernel image is available for execution",
                Cause::CudaMismatch,
            ),
            (
                "ModuleNotFoundError: No module named 'einops'",
                Cause::MissingModule,
            ),
            (
                "FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'",
                Cause::MissingFile,
            ),
            (
                "PermissionError: [Errno 13] Permission denied: '/data'",
                Cause::NotPermitted,
            ),
            ("ValueError: input contains NaN", Cause::NotANumber),
            ("process 12 was killed by signal 9", Cause::Killed),
        ] {
            assert_eq!(Cause::of(line), Some(cause), "{line}");
        }
        for line in [
            "epoch 3 loss 0.2",
            "NCCL version 2.20",
            "banana detector",
            "saved to disk",
        ] {
            assert_eq!(Cause::of(line), None, "{line}");
        }
    }

    #[test]
    fn the_cause_nearest_to_the_end_comes_first_and_killed_last() {
        let lines = [
            "FileNotFoundError: no cache yet",
            "fine",
            "CUDA out of memory",
            "CUDA out of memory again",
            "killed by signal 9",
        ];
        let found = diagnose(lines);
        let causes: Vec<Cause> = found.iter().map(|d| d.cause).collect();
        assert_eq!(
            causes,
            [Cause::OutOfMemory, Cause::MissingFile, Cause::Killed]
        );
        assert_eq!(found[0].lines, [2, 3]);
        assert_eq!(diagnose([]), []);
    }
}
