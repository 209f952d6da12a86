//! A job that failed because memory ran out.

/// Whether a line says so.
pub fn is_sign(line: &str) -> bool {
    let line = line.to_lowercase();
    let cuda = line.find("cuda").map(|at| &line[at..]);
    line.contains("out of memory") || cuda.is_some_and(|rest| rest.contains("allocate"))
}

/// The first of `lines` that says so.
pub fn assess<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    lines.into_iter().find(|line| is_sign(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_found_in_any_case() {
        for (line, sign) in [
            ("torch.OutOfMemoryError: CUDA out of memory.", true),
            ("Out Of Memory: Killed process 4242 (python)", true),
            ("CUDA error: failed to allocate 2.0 GiB", true),
            ("cuda runtime could not ALLOCATE", true),
            ("cannot allocate a port", false),
            ("allocated 2 GiB on CUDA device", false),
            ("memory is fine", false),
            ("", false),
        ] {
            assert_eq!(is_sign(line), sign, "{line}");
        }
        let lines = ["fine", "CUDA: cannot allocate", "out of memory"];
        assert_eq!(assess(lines), Some("CUDA: cannot allocate"));
    }
}
