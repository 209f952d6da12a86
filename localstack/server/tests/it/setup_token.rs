//! A server that strangers reach: its first administrator proves to have its terminal.

use crate::process::{Server, command, post};
use serde_json::json;
use std::io::Read;
use std::process::Stdio;

const MARK: &str = "setup token of the first administrator: ";

/// Starts a server on every address of the machine; what it writes to standard error is read back
/// when it is gone.
fn public(data: &std::path::Path) -> Server {
    let mut command = command(data, "0");
    command.args(["--host", "0.0.0.0"]).stderr(Stdio::piped());
    Server::run(command)
}

#[test]
fn it_is_told_once_and_needed_for_the_first_account() {
    let dir = tempfile::tempdir().expect("temp dir");
    let mut server = public(dir.path());
    let mut printed = server.errors();
    let mut text = String::new();
    let token = loop {
        let mut byte = [0];
        printed.read_exact(&mut byte).expect("the token is printed");
        text.push(char::from(byte[0]));
        let line = text.lines().find_map(|line| line.split_once(MARK));
        if let (Some((_, token)), true) = (line, text.ends_with('\n')) {
            break token.trim().to_owned();
        }
    };
    let wish = |name: &str, token: Option<&str>| {
        json!({"username": name, "email": format!("{name}@example.com"),
            "password": "correct-horse-7", "setup_token": token})
    };
    let register = "/api/auth/register";
    let ask = |name, token| {
        let (status, body) = post(&server.host, register, "", &wish(name, token)).expect("answer");
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |code: &str| (403, code.to_owned());
    assert_eq!(ask("stranger", None), refused("setup_token_required"));
    assert_eq!(
        ask("guesser", Some("a guess")),
        refused("setup_token_wrong")
    );
    assert_eq!(ask("owner", Some(&token)).0, 201);
    assert_eq!(ask("second", None).0, 201);
    server.kill();
    printed.read_to_string(&mut text).expect("the rest");
    assert_eq!(
        text.matches(&token).count(),
        2,
        "the token and the address with it"
    );
    // Somebody is administrator now: nothing to prove any more.
    let mut again = public(dir.path());
    let mut printed = again.errors();
    again.kill();
    let mut text = String::new();
    printed.read_to_string(&mut text).expect("text");
    assert!(!text.contains(MARK), "{text}");
}
