//! Every target over its corpus and mutations of it, for a bounded time.

use crate::mutate::{Dice, mutated};
use crate::targets::{ALL, Target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Mutations of each target when nobody asks for more.
const ROUNDS: u64 = 150;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(format!("corpus/{name}")).expect("a corpus");
    let mut paths: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("readable");
    paths.into_iter().map(read).collect()
}

fn number(variable: &str) -> Option<u64> {
    runtime::vars::environment(variable)?.parse().ok()
}

fn hold(name: &str, target: Target, data: &[u8]) {
    let held = catch_unwind(AssertUnwindSafe(|| target(data)));
    // As text that can go into the corpus.
    assert!(held.is_ok(), "{name}: b\"{}\"", data.escape_ascii());
}

fn torment(name: &str, target: Target) {
    let good = corpus(name);
    assert!(good.len() >= 3, "{name} has hardly a corpus");
    for data in good.iter().map(Vec::as_slice).chain([&b""[..]]) {
        hold(name, target, data);
    }
    let mut dice = Dice::new(number("ARGUS_FUZZ_SEED").unwrap_or(1));
    // Somebody with time says how long.
    let until = number("ARGUS_FUZZ_SECONDS").map(|secs| Instant::now() + Duration::from_secs(secs));
    let mut round = 0;
    while until.map_or(round < ROUNDS, |until| Instant::now() < until) {
        let from = &good[dice.below(good.len())];
        let other = &good[dice.below(good.len())];
        hold(name, target, &mutated(&mut dice, from, other));
        round += 1;
    }
    println!("{name}: {round} inputs");
}

macro_rules! targets {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            let (name, target) = ALL.iter().find(|(name, _)| *name == stringify!($name)).expect("a target");
            torment(name, *target);
        }
    )*};
}

targets!(events, cursors, tokens, multipart, last_event_id);
