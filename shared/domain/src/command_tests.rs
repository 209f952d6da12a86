//! Who gets a command, and when nobody does any more.

use super::*;
use crate::agent::{Place, WATCHDOG, newest_on};
use crate::testing::START;

fn agent(id: &str) -> Agent {
    Agent {
        id: id.into(),
        user_id: 7,
        place: Place {
            hostname: "vm".into(),
            ..Place::default()
        },
        label: None,
        lookup: String::new(),
        hash: String::new(),
        token_id: None,
        expires_at: None,
        version: None,
        capabilities: vec!["rerun".into()],
        policy: None,
        runs: vec![],
        created_at: START,
        last_seen: START,
        silence_told: false,
        watchdog_due: None,
        watchdog_silence_told: false,
    }
}

fn command() -> Command {
    Command {
        id: "c".into(),
        order: Order::Rerun(Rerun::default()),
        batch_id: "rerun-1".into(),
        runner: 7,
        host: "vm".into(),
        agent: None,
        leased_until: None,
        state: CommandState::Pending,
        created_at: START,
        expires_at: START.plus_secs(3600),
        acked_at: None,
        pid: None,
        reason: None,
        error: None,
        exit: None,
    }
}

#[test]
fn a_command_is_one_agents_at_a_time() {
    let (one, two) = (agent("one"), agent("two"));
    let mut command = command();
    assert_eq!(command.offer(&one, START), Offer::Lease);
    command.lease(&one, START);
    assert_eq!(command.offer(&one, START.plus_secs(5)), Offer::Held);
    assert_eq!(command.offer(&two, START.plus_secs(5)), Offer::No);
    // The lease is renewed before it ends, and another's when it has.
    let late = START.plus_secs(COMMAND_LEASE_SECS - 1);
    assert_eq!(command.offer(&one, late), Offer::Lease);
    assert_eq!(command.offer(&two, late), Offer::No);
    let over = START.plus_secs(COMMAND_LEASE_SECS);
    assert_eq!(command.offer(&two, over), Offer::Lease);
    assert!(command.is_for(&one) && !command.is_for(&two));
}

#[test]
fn what_has_expired_is_offered_to_nobody() {
    let end = START.plus_secs(3600);
    assert_eq!(command().offer(&agent("one"), end), Offer::No);
    assert_eq!(command().state_at(end), CommandState::Expired);
    assert_eq!(command().state_at(end.plus_secs(-1)), CommandState::Pending);
}

#[test]
fn what_was_given_for_good_stays() {
    let mut command = command();
    command.agent = Some("one".into());
    let later = START.plus_secs(3000);
    assert_eq!(command.offer(&agent("one"), later), Offer::Held);
    assert_eq!(command.offer(&agent("two"), later), Offer::No);
}

#[test]
fn a_watchdog_gets_no_commands() {
    let mut dog = agent("dog");
    dog.capabilities = vec![WATCHDOG.into()];
    assert_eq!(command().offer(&dog, START), Offer::No);
    dog.last_seen = START.plus_secs(100);
    let agents = [dog, agent("one")];
    assert_eq!(newest_on(&agents, "vm").map(|a| a.id.as_str()), Some("one"));
    assert_eq!(newest_on(&agents, "other"), None);
}
