//! Pages of lists, whatever is inserted in between.

use crate::sample::{at, post, server};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use test_kit::Actor;
use test_kit::build::{batch_start, event};

/// A batch: second of its start (few, so that many coincide), other project, failed.
type Sample = (i64, bool, bool);

/// A filter as a query, and what it admits.
type Filter = (&'static str, fn(&Sample) -> bool);

fn samples(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Sample>> {
    prop::collection::vec((0..6i64, any::<bool>(), any::<bool>()), count)
}

fn project(other: bool) -> &'static str {
    if other { "other" } else { "demo" }
}

async fn insert(owner: &Actor, id: &str, (second, other, failed): Sample) {
    let job = event("job_start", id, Some("j"), json!({}));
    let mut events = vec![batch_start(id), job];
    if failed {
        events.push(event("batch_failed", id, None, json!({})));
    }
    let events = events.into_iter();
    let events: Vec<Value> = events
        .map(|e| at(second, e, project(other), "vm"))
        .collect();
    post(owner, &events).await;
}

fn ids(list: &Value) -> Vec<String> {
    let rows = list.as_array().expect("a list").iter();
    rows.map(|row| {
        let id = row["id"].as_str().or(row["job"]["batch_id"].as_str());
        id.expect("an id").to_owned()
    })
    .collect()
}

/// Reads all pages while `more` are inserted, one after each page; how often each row was met.
async fn walk(owner: &Actor, path: &str, list: &str, more: &[Sample]) -> BTreeMap<String, usize> {
    let mut met = BTreeMap::new();
    let mut more = more.iter().enumerate();
    let mut cursor = String::new();
    loop {
        let page = owner.get(&format!("{path}{cursor}")).await;
        let next = page.header("x-next-cursor");
        let body = page.ok(200);
        for id in ids(if list.is_empty() { &body } else { &body[list] }) {
            *met.entry(id).or_default() += 1;
        }
        let Some(next) = next else { return met };
        cursor = format!("&cursor={next}");
        if let Some((i, sample)) = more.next() {
            insert(owner, &format!("new{i}"), *sample).await;
        }
    }
}

async fn check(first: &[Sample], more: &[Sample], limit: usize, filter: usize) {
    let (_app, owner) = server().await;
    for (i, sample) in first.iter().enumerate() {
        insert(&owner, &format!("old{i}"), *sample).await;
    }
    let filters: [Filter; 4] = [
        ("", |_| true),
        ("&project=demo", |(_, other, _)| !other),
        ("&q=-host:elsewhere+project:other", |(_, other, _)| *other),
        ("&since=2026-11-20T10:00:03Z", |(second, _, _)| *second >= 3),
    ];
    let (query, admits) = filters[filter];
    for (path, list) in [("/api/batches?limit", ""), ("/api/jobs?page_size", "items")] {
        let path = format!("{path}={limit}{query}");
        let met = walk(&owner, &path, list, more).await;
        assert!(met.values().all(|times| *times == 1), "{path}: {met:?}");
        for (i, sample) in first.iter().enumerate() {
            let id = format!("old{i}");
            assert_eq!(met.contains_key(&id), admits(sample), "{path}: {id}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_is_met_once(
        first in samples(1..14),
        more in samples(0..6),
        limit in 1..6usize,
        filter in 0..4usize,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(check(&first, &more, limit, filter));
    }
}
