//! Log lines in both directions.

use crate::sample::{post, server};
use serde_json::{Value, json};
use test_kit::Actor;
use test_kit::build::{batch_start, event};

/// Two jobs that write `lines` lines in turns, a request of them at a time.
async fn write(owner: &Actor, lines: usize, together: usize) {
    post(owner, &[batch_start("b")]).await;
    let line = |i: usize| {
        let level = if i.is_multiple_of(3) { "error" } else { "info" };
        let data = json!({"line": format!("line {i}"), "level": level});
        event("log_line", "b", Some(["j", "k"][i % 2]), data)
    };
    let all: Vec<Value> = (0..lines).map(line).collect();
    for some in all.chunks(together) {
        post(owner, some).await;
    }
}

/// All pages of a path, joined.
async fn pages(owner: &Actor, path: &str) -> Vec<Value> {
    let mut joined = Vec::new();
    let mut cursor = String::new();
    for _ in 0..10_000 {
        let page = owner.get(&format!("{path}{cursor}")).await;
        let next = page.header("x-next-cursor");
        joined.extend(page.ok(200).as_array().expect("lines").iter().cloned());
        let Some(next) = next else { return joined };
        cursor = format!("&cursor={next}");
    }
    panic!("{path} never ends");
}

fn ids(lines: &[Value]) -> Vec<u64> {
    let id = |line: &Value| line["id"].as_u64().expect("an id");
    lines.iter().map(id).collect()
}

#[tokio::test]
async fn pages_in_either_direction_meet_every_line_once() {
    // Fewer and more chunks than are read at once, and one chunk only.
    for (lines, together) in [(9, 2), (110, 1), (20, 20)] {
        let (_app, owner) = server().await;
        write(&owner, lines, together).await;
        for limit in [1, 7, 2000] {
            for (path, filter, expected) in [
                ("/api/batches/b/log-lines", "", lines),
                ("/api/jobs/b/j/log-lines", "", lines.div_ceil(2)),
                (
                    "/api/batches/b/log-lines",
                    "&level=error",
                    lines.div_ceil(3),
                ),
                ("/api/jobs/b/k/log-lines", "&text=LINE%201", 0),
            ] {
                if limit == 1 && lines > 100 {
                    continue;
                }
                let path = format!("{path}?limit={limit}{filter}");
                let mut up = ids(&pages(&owner, &format!("{path}&order=asc")).await);
                let down = ids(&pages(&owner, &path).await);
                let what = format!("{path} of {lines} by {together}");
                assert!(filter.contains("text") || up.len() == expected, "{what}");
                assert!(path.contains("/batches/") || up.is_sorted(), "{what}");
                let mut back = down.clone();
                back.sort_unstable();
                up.sort_unstable();
                assert_eq!(up, back, "{what}");
                up.dedup();
                assert_eq!(up.len(), down.len(), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn reading_on_from_a_row_brings_what_came_after_it() {
    let (_app, owner) = server().await;
    write(&owner, 10, 4).await;
    for path in ["/api/batches/b/log-lines", "/api/jobs/b/j/log-lines"] {
        let all = pages(&owner, &format!("{path}?limit=2000&order=asc")).await;
        let all = ids(&all);
        for (i, since) in all.iter().enumerate() {
            let path = format!("{path}?limit=3&order=asc&since={since}");
            let rest = ids(&pages(&owner, &path).await);
            assert_eq!(rest, all[i + 1..], "{path}");
            let down = ids(&pages(&owner, &path.replace("asc", "desc")).await);
            assert_eq!(down.len(), rest.len(), "{path}");
        }
    }
    let refused = owner.get("/api/jobs/b/j/log-lines?order=up").await;
    assert_eq!(refused.refused(422), "validation");
}
