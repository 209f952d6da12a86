//! What files may look like.

use crate::setup::{Server, events, gzip, lines, zstd};
use domain::account::TokenScope;
use s3_spill::Outcome;
use serde_json::json;
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn plain_gzip_and_zstd() {
    let content = lines(&events(2500));
    let halves = content.split_at(content.len() / 2);
    let members = [gzip(halves.0), gzip(halves.1)].concat();
    let frames = [zstd(halves.0), zstd(halves.1)].concat();
    for (name, file) in [
        ("a.jsonl", content.clone()),
        ("a.jsonl.gz", gzip(&content)),
        ("a.jsonl.zst", zstd(&content)),
        ("members.gz", members),
        ("frames.zst", frames),
    ] {
        let server = Server::new().await;
        let id = server.uploaded(name, &file).await;
        assert_eq!(server.replay(id).await, Outcome::Done, "{name}");
        let progress = server.progress(id).await;
        assert_eq!(progress["accepted"], 2501, "{name}: {progress}");
        assert_eq!(progress["bytes_done"], content.len());
        assert_eq!(
            (&progress["state"], &progress["lines_done"]),
            (&json!("done"), &json!(2501))
        );
        assert_eq!(server.epochs().await, 2500, "{name}");
        // The file is gone, and asking again changes nothing.
        assert_eq!(server.replay(id).await, Outcome::Done);
        assert_eq!(server.progress(id).await, progress);
    }
}

#[tokio::test]
async fn repeats_store_nothing_twice() {
    let server = Server::new().await;
    let mut all = events(10);
    all.extend(all.clone());
    let id = server.uploaded("a.jsonl", &lines(&all)).await;
    server.replay(id).await;
    let again = server.uploaded("b.jsonl", &lines(&all)).await;
    server.replay(again).await;
    let progress = server.progress(id).await;
    assert_eq!(
        (&progress["accepted"], &progress["duplicate"]),
        (&json!(11), &json!(11))
    );
    assert_eq!(server.progress(again).await["duplicate"], 22);
    assert_eq!(server.epochs().await, 10);
}

#[tokio::test]
async fn bad_lines_are_told_and_the_rest_is_stored() {
    let server = Server::new().await;
    let bob = server.app.user("bob", false).await;
    let bob = server.app.token(&bob, TokenScope::Reporter).await;
    bob.post("/api/events", &batch_start("bobs")).await.ok(200);
    let nan = event(
        "job_epoch",
        "b",
        Some("j"),
        json!({"epoch": 5, "val_loss": 0}),
    );
    let nan = nan
        .to_string()
        .replace("\"val_loss\":0", "\"val_loss\":NaN");
    let foreign = batch_start("bobs");
    let mut content = lines(&events(1));
    for line in [
        "{\"torn\": ",
        "",
        "{\"event_type\": \"batch_start\"}",
        "[1]",
        &foreign.to_string(),
        &nan,
        &"x".repeat(1024 * 1024 + 1),
        &"y".repeat(3 * 1024 * 1024),
        "{\"no line break at the end\": 1",
    ] {
        content.extend(line.bytes());
        content.push(b'\n');
    }
    content.pop();
    for name in ["a.jsonl", "a.gz"] {
        let file = if name == "a.gz" {
            gzip(&content)
        } else {
            content.clone()
        };
        let id = server.uploaded(name, &file).await;
        assert_eq!(server.replay(id).await, Outcome::Done);
        let progress = server.progress(id).await;
        let rejects: Vec<(u64, String)> = progress["rejects"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| {
                (
                    r["line"].as_u64().unwrap_or(0),
                    r["code"].as_str().unwrap_or("").to_owned(),
                )
            })
            .collect();
        let expected = [
            (3, "line_invalid"),
            (5, "validation"),
            (6, "validation"),
            (7, "batch_foreign"),
            (9, "line_too_long"),
            (10, "line_too_long"),
            (11, "line_invalid"),
        ];
        assert_eq!(
            rejects,
            expected.map(|(line, code)| (line, code.to_owned()))
        );
        assert_eq!(
            (&progress["rejected"], &progress["lines_done"]),
            (&json!(7), &json!(11))
        );
        assert!(
            progress["rejects"][1]["reason"]
                .as_str()
                .is_some_and(|r| r.contains("Field required"))
        );
        assert_eq!(progress["rejects"][3]["event_id"], foreign["event_id"]);
        assert_eq!(server.epochs().await, 2);
    }
}

#[tokio::test]
async fn reasons_that_quote_the_client_stay_short() {
    let server = Server::new().await;
    let bad = |_| {
        let mut bad = batch_start("b");
        bad["schema_version"] = json!("9".repeat(100_000));
        bad
    };
    let all: Vec<_> = (0..150).map(bad).collect();
    let id = server.uploaded("a.jsonl", &lines(&all)).await;
    assert_eq!(server.replay(id).await, Outcome::Done);
    let progress = server.progress(id).await;
    assert_eq!(progress["rejected"], 150);
    let rejects = progress["rejects"].as_array().expect("a list");
    assert_eq!(
        (rejects.len(), &rejects[0]["code"]),
        (100, &json!("schema_unsupported"))
    );
    assert!(progress.to_string().len() < 100_000);
}

#[tokio::test]
async fn a_broken_file_keeps_what_came_before() {
    let content = lines(&events(3000));
    for (name, whole) in [("a.gz", gzip(&content)), ("a.zst", zstd(&content))] {
        let server = Server::new().await;
        let torn = &whole[..whole.len() / 2];
        let id = server.uploaded(name, torn).await;
        assert_eq!(server.replay(id).await, Outcome::Failed, "{name}");
        let progress = server.progress(id).await;
        assert_eq!(
            (&progress["state"], &progress["fault"]),
            (&json!("failed"), &json!("unreadable"))
        );
        let accepted = progress["accepted"].as_u64().unwrap_or(0);
        assert!((1..3001).contains(&accepted), "{name}: {progress}");
    }
    let server = Server::new().await;
    let id = server
        .uploaded("not.gz", b"this is no gzip file at all")
        .await;
    assert_eq!(server.replay(id).await, Outcome::Failed);
}

#[tokio::test]
async fn a_small_file_that_unpacks_to_much_is_read_in_pieces() {
    let server = Server::new().await;
    let much = vec![b'x'; 64 * 1024 * 1024];
    for (name, file) in [("a.gz", gzip(&much)), ("a.zst", zstd(&much))] {
        let id = server.uploaded(name, &file).await;
        assert_eq!(server.replay(id).await, Outcome::Done);
        let progress = server.progress(id).await;
        assert_eq!(progress["rejects"][0]["code"], "line_too_long");
        assert_eq!(progress["bytes_done"], much.len());
    }
}
