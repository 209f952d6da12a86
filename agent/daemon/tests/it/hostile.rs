//! A server that was taken over must not become a host that was taken over.

use crate::agent::{BINARY, Host, executable, until};
use crate::server::Server;
use serde_json::{Value, json};
use std::os::unix::fs::{PermissionsExt, symlink};

/// Twenty things such a server would like, and how each is answered.
fn wishes(host: &Host) -> Vec<(&'static str, Value, &'static str)> {
    let project = host.project();
    let outside = host.folder.path().join("outside");
    let run = |argv: &[&str]| host.payload(argv);
    let within = |cwd: Value| {
        let mut payload = host.payload(&["./good"]);
        payload["cwd"] = cwd;
        payload
    };
    let with = |overrides: Value| {
        let mut payload = host.payload(&["./good"]);
        payload["overrides"] = overrides;
        payload
    };
    let text = |command: &str| json!({"command": command, "argv": null, "cwd": project});
    let long = "x".repeat(300_000);
    vec![
        ("a shell", run(&["sh", "-c", "touch ../owned"]), "policy"),
        (
            "a shell by its path",
            run(&["/bin/bash", "-c", "touch ../owned"]),
            "policy",
        ),
        (
            "a shell behind a good name",
            run(&["./python3", "-c", "touch ../owned"]),
            "policy",
        ),
        (
            "code for Python",
            run(&["python3", "-c", "open('../owned','w')"]),
            "policy",
        ),
        (
            "code hidden in options",
            run(&["python3", "-uIc", "open('../owned','w')"]),
            "policy",
        ),
        (
            "a module of the library",
            run(&["python3", "-m", "timeit", "open('../owned','w')"]),
            "policy",
        ),
        (
            "a script that is a path trick",
            run(&["python3", "../outside/evil.py"]),
            "policy",
        ),
        (
            "a program by a path trick",
            run(&["./../outside/tool"]),
            "policy",
        ),
        ("any tool", run(&["touch", "../owned"]), "policy"),
        (
            "env as a launcher",
            run(&["env", "touch", "../owned"]),
            "policy",
        ),
        ("a program everybody may change", run(&["./open"]), "policy"),
        ("text for a shell", text("./good; touch ../owned"), "policy"),
        ("a substitution", text("./good $(touch ../owned)"), "policy"),
        ("the system's folder", within(json!("/etc")), "policy"),
        (
            "a link to the system's folder",
            within(json!(project.join("link"))),
            "policy",
        ),
        (
            "a folder that is not there",
            within(json!(outside.join("none"))),
            "cwd",
        ),
        ("a folder by a short path", within(json!("project")), "cwd"),
        (
            "an override that is an option",
            with(json!({"--config-dir": "/tmp/evil"})),
            "policy",
        ),
        (
            "an override that makes an object",
            with(json!({"model._target_": "os.system"})),
            "policy",
        ),
        (
            "an override that reads variables",
            with(json!({"x": "${oc.env:HOME}"})),
            "policy",
        ),
        (
            "an argument longer than any",
            run(&["./good", &long]),
            "not_executable",
        ),
        (
            "nothing at all",
            json!({"command": null}),
            "command_missing",
        ),
        (
            "a program that is no program",
            run(&["./notes.txt"]),
            "not_executable",
        ),
    ]
}

fn host(server: &Server) -> Host {
    let host = Host::new(server);
    let outside = host.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::set_permissions(&outside, std::fs::Permissions::from_mode(0o777)).unwrap();
    executable(&outside.join("tool"), "#!/bin/sh\ntouch ../owned\n");
    std::fs::write(outside.join("evil.py"), "open('../owned','w')").unwrap();
    std::fs::set_permissions(
        outside.join("evil.py"),
        std::fs::Permissions::from_mode(0o666),
    )
    .unwrap();
    host.script("good", "#!/bin/sh\necho ran >> marks\nenv > env\n");
    host.script("open", "#!/bin/sh\ntouch ../owned\n");
    std::fs::set_permissions(
        host.project().join("open"),
        std::fs::Permissions::from_mode(0o777),
    )
    .unwrap();
    std::fs::write(host.project().join("notes.txt"), "notes").unwrap();
    symlink("/bin/sh", host.project().join("python3")).unwrap();
    symlink("/etc", host.project().join("link")).unwrap();
    host
}

#[test]
fn twenty_three_malicious_commands_are_refused() {
    let server = Server::start();
    let mut host = host(&server);
    host.start("");
    for (n, (what, payload, reason)) in wishes(&host).into_iter().enumerate() {
        let cmd = format!("cmd-{n}");
        server.command(&cmd, "rerun", &format!("rerun-{n}"), payload);
        assert_eq!(server.refusal(&cmd), reason, "{what}");
    }
    server.command("cmd-kind", "shell", "rerun-kind", host.payload(&["./good"]));
    assert_eq!(server.refusal("cmd-kind"), "unsupported");
    assert!(!host.folder.path().join("owned").exists());
    assert!(host.marks().is_empty());
}

#[test]
fn what_loads_code_never_reaches_a_run_and_ids_are_no_paths() {
    let server = Server::start();
    let mut host = host(&server);
    host.start("");
    let mut payload = host.payload(&["./good"]);
    payload["env"] = json!({"LD_PRELOAD": "/evil.so", "PYTHONSTARTUP": "/evil.py", "BASH_ENV": "/evil.sh",
        "ENV": "/evil.sh", "PATH": ".:/tmp:/usr/bin:/bin", "GIT_SSH_COMMAND": "evil", "OMP_NUM_THREADS": "4",
        "ARGUS_URL": "https://evil.example", "PYTHONPATH": "/evil", "BASH_FUNC_ls%%": "() { evil; }"});
    server.command("../../../evil", "rerun", "../../batch", payload);
    assert_eq!(server.exit("../../../evil")["exit_code"], json!(0));
    let env = std::fs::read_to_string(host.project().join("env")).unwrap();
    assert!(!env.contains("evil"), "{env}");
    let line = |name: &str| {
        env.lines()
            .find_map(|l| l.strip_prefix(name).map(str::to_owned))
    };
    assert_eq!(line("OMP_NUM_THREADS=").unwrap(), "4");
    assert_eq!(line("ARGUS_URL=").unwrap(), server.url);
    assert!(
        !line("PATH=")
            .unwrap()
            .split(':')
            .any(|p| p == "." || p == "/tmp"),
        "{env}"
    );
    let found: Vec<_> = std::fs::read_dir(host.state.join("runs"))
        .unwrap()
        .flatten()
        .collect();
    assert!(
        found
            .iter()
            .all(|e| e.file_name().to_string_lossy().starts_with("id-"))
    );
    assert_eq!(
        std::fs::read_dir(host.folder.path())
            .unwrap()
            .flatten()
            .filter(|e| e.path().extension().is_some_and(|x| x == "log"))
            .count(),
        1,
        "only the daemon's own"
    );
}

#[test]
fn monstrous_answers_are_survived() {
    let server = Server::start();
    let mut host = host(&server);
    let monsters = [
        "x".to_owned(),
        format!("{{\"jobs\":[{}]}}", "[".repeat(100_000)),
        format!("{{\"jobs\":[],\"pad\":\"{}\"}}", "x".repeat(2_000_000)),
        "{\"jobs\":{}}".to_owned(),
        "{\"jobs\":[{\"id\":1}]}".to_owned(),
        "[]".to_owned(),
    ];
    for (n, monster) in monsters.into_iter().enumerate() {
        server.change(|w| w.raw_poll = Some(monster));
        host.start("");
        until("it says so", || {
            host.log().matches("makes no sense").count() > n
        });
        let status = std::fs::read_to_string(format!("/proc/{}/status", host.pid())).unwrap();
        let peak = status
            .lines()
            .find_map(|l| l.strip_prefix("VmHWM:"))
            .unwrap()
            .trim();
        let peak: u64 = peak.split(' ').next().unwrap().parse().unwrap();
        assert!(peak < 64 * 1024, "{peak} KiB at its peak");
        host.kill();
    }
    server.change(|w| w.raw_poll = None);
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./good"]));
    assert_eq!(server.exit("cmd-1")["exit_code"], json!(0));
}

#[test]
fn a_redirect_does_not_carry_the_token_away() {
    let server = Server::start();
    let host = Host::unregistered(&server);
    server.change(|w| w.trouble = vec![("/register".to_owned(), 307)]);
    let out = host.run(&["login"]);
    assert_eq!(out.status.code(), Some(77));
    assert!(String::from_utf8_lossy(&out.stderr).contains("points elsewhere"));
}

#[test]
fn a_gate_nobody_opens_runs_nothing() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let whole = json!({"program": "/bin/touch", "argv": ["touch", "ran"], "env": {}}).to_string();
    for word in ["", &whole[..20], &whole] {
        let mut gate = std::process::Command::new(BINARY)
            .arg("exec-gate")
            .current_dir(folder.path())
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // The last one is whole but for its end: whoever wrote it died while writing.
        gate.stdin
            .take()
            .unwrap()
            .write_all(word.as_bytes())
            .unwrap();
        assert_eq!(gate.wait().unwrap().code(), Some(125), "{word}");
    }
    assert!(!folder.path().join("ran").exists());
}
