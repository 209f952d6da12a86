//! Laws that hold for all policies and requests.

use crate::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(words, 0..=words.len())
        .prop_map(|found| found.into_iter().map(str::to_owned).collect())
}

prop_compose! {
    fn policies()(
        approve in prop_oneof![Just(Approve::Always), Just(Approve::Ask), Just(Approve::Never)],
        requesters in some_of(&["alice", "bob"]),
        roots in some_of(&["/home/me", "/home/me/project", "/data"]),
        programs in some_of(&["python", "python3*", "bash", "./", "/opt/*/python"]),
        modules in some_of(&["project.train", "timeit"]),
        keys in some_of(&["*", "lr", "hydra.*", "model._target_"]),
        env in some_of(&["A", "PATH", "LD_PRELOAD"]),
        (shell, inline_code, overrides) in any::<(bool, bool, bool)>(),
        (max_runs, per_gpu) in (0usize..4, 0usize..3),
    ) -> Policy {
        let mut policy = Policy::default();
        policy.approve = approve;
        policy.requesters = requesters;
        policy.run = RunRules {
            cwd_roots: roots.into_iter().map(PathBuf::from).collect(),
            programs, modules, override_keys: keys, env, shell, inline_code, overrides, ..policy.run
        };
        policy.limits.max_runs = max_runs;
        policy.limits.max_runs_per_gpu = per_gpu;
        policy
    }
}

prop_compose! {
    fn proposals()(
        argv in prop::sample::select(vec![
            vec!["python", "train.py"], vec!["python3.11", "-c", "x"], vec!["bash", "a.sh"], vec!["./run"],
            vec!["python", "-m", "timeit"], vec!["/opt/x/python", "-m", "project.train"], vec!["curl"],
            vec!["python", "train.py", "a._target_=os.system"], vec![],
        ]),
        cwd in prop::sample::select(vec!["/home/me/project", "/home/other", "/data/x", "/usr/lib", "/"]),
        key in prop::sample::select(vec!["", "lr", "hydra.run.dir", "model._target_", "--x"]),
        (cwd_uid, program_uid) in (999u32..1001, prop_oneof![Just(0u32), Just(1000), Just(5)]),
        mode in prop::sample::select(vec![0o755u32, 0o777]),
        who in prop::option::of(prop::sample::select(vec!["alice", "eve"])),
        (has_program, has_script) in any::<(bool, bool)>(),
    ) -> Proposal {
        let argv: Vec<String> = argv.into_iter().map(str::to_owned).collect();
        let cwd = PathBuf::from(cwd);
        let file = |real: PathBuf, uid| FileFact { real, uid, mode };
        let mut overrides = BTreeMap::new();
        if !key.is_empty() {
            overrides.insert(key.to_owned(), serde_json::json!(1));
        }
        Proposal {
            script: script_of(&argv),
            program: argv.first().filter(|_| has_program).map(|p| file(cwd.join(p), program_uid)),
            script_file: has_script.then(|| file(cwd.join("train.py"), cwd_uid)),
            cwd: Some(FolderFact { real: cwd, uid: cwd_uid, mode }),
            requested_by: who.map(str::to_owned),
            own_uid: 1000,
            argv, overrides,
        }
    }
}

fn verdict(policy: &Policy, proposal: &Proposal) -> Verdict {
    decide(std::slice::from_ref(policy), proposal).verdict
}

proptest! {
    #[test]
    fn another_policy_never_widens(a in policies(), b in policies(), proposal in proposals()) {
        let both = decide(&[a.clone(), b.clone()], &proposal).verdict;
        prop_assert_eq!(both, verdict(&a, &proposal).max(verdict(&b, &proposal)));
        let base = BTreeMap::new();
        let recorded = ["A", "PATH", "LD_PRELOAD"].map(|n| (n.to_owned(), "/x".to_owned())).into();
        let one = child_environment(&base, &recorded, std::slice::from_ref(&a));
        let two = child_environment(&base, &recorded, &[a.clone(), b.clone()]);
        prop_assert!(two.keys().all(|name| one.contains_key(name)));
        let load = Load { runs: 2, ..Load::default() };
        if room(std::slice::from_ref(&a), &load, &[]) != Room::Yes {
            prop_assert!(room(&[b, a], &load, &[]) != Room::Yes);
        }
    }

    #[test]
    fn a_stricter_policy_never_widens(policy in policies(), proposal in proposals(), which in 0..9) {
        let mut strict = policy.clone();
        match which {
            0 => strict.approve = Approve::Never,
            1 => strict.approve = policy.approve.max(Approve::Ask),
            2 => strict.run.shell = false,
            3 => strict.run.inline_code = false,
            4 => strict.run.overrides = false,
            5 => { strict.run.programs.pop(); }
            6 => { strict.run.modules.pop(); }
            7 => { strict.run.override_keys.pop(); }
            _ => if strict.requesters.len() > 1 { strict.requesters.pop(); },
        }
        prop_assert!(verdict(&strict, &proposal) >= verdict(&policy, &proposal));
    }

    #[test]
    fn what_is_allowed_is_never_somebody_elses(policy in policies(), proposal in proposals()) {
        if verdict(&policy, &proposal) != Verdict::Deny {
            let program = proposal.program.as_ref().unwrap();
            prop_assert!(program.uid == 0 || program.uid == proposal.own_uid);
            prop_assert!(program.mode & 0o002 == 0);
        }
    }

    #[test]
    fn an_argument_stays_one_argument(key in ".{0,12}", text in ".{0,40}") {
        if let Ok(argument) = argument(&key, &serde_json::json!(text)) {
            let begin = format!("{key}=");
            prop_assert!(argument.starts_with(&begin) && !argument.starts_with('-'));
            prop_assert!(!argument.chars().any(char::is_control));
            let reference = argument.contains("${");
            prop_assert!(!reference);
        }
    }
}
