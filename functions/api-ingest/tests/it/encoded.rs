//! Compressed posts: offered, taken, and refused where they lie.

use crate::setup::{epochs, server};
use http::Method;
use serde_json::{Value, json};
use test_kit::build::{batch_start, epoch};
use test_kit::packed::{gzip, zstd};
use test_kit::{Actor, Reply};

async fn send(who: &Actor, path: &str, encoding: &str, body: impl Into<Vec<u8>>) -> Reply {
    let call = who.call(Method::POST, path);
    let call = call.header("content-encoding", encoding);
    call.text("application/json", body).send().await
}

fn run(from: i64) -> Value {
    let mut events = vec![batch_start("b")];
    events.extend((from..from + 50).map(|number| epoch("b", "j", number, 0.5)));
    json!({"events": events})
}

#[tokio::test]
async fn every_answer_says_what_a_post_may_be_compressed_with() {
    let (app, reporter) = server().await;
    let plain = reporter.post("/api/events", &batch_start("b")).await;
    assert_eq!(
        plain.header("accept-encoding").as_deref(),
        Some("zstd, gzip")
    );
    let refused = app.post("/api/events/batch").json(&json!({})).send().await;
    assert_eq!(refused.refused(401), "auth_required");
    assert!(refused.header("accept-encoding").is_some());
    // Only these two take them.
    let other = reporter.get("/api/batches/b").await;
    assert_eq!(other.header("accept-encoding"), None);
}

#[tokio::test]
async fn gzip_and_zstd_are_taken() {
    let (_app, reporter) = server().await;
    let start = batch_start("b").to_string();
    let single = send(&reporter, "/api/events", "zstd", zstd(start.as_bytes())).await;
    assert_eq!(single.ok(200)["accepted"], true);
    let (first, second) = (run(0).to_string(), run(50).to_string());
    let path = "/api/events/batch";
    let answer = send(&reporter, path, "gzip", gzip(first.as_bytes())).await;
    assert_eq!(answer.ok(200)["accepted"], 51);
    let bulk = zstd::bulk::compress(second.as_bytes(), 1).expect("compressed");
    send(&reporter, path, "zstd", bulk).await.ok(200);
    send(&reporter, path, "identity", run(100).to_string())
        .await
        .ok(200);
    assert_eq!(
        epochs(&reporter, "b", "j").await,
        (0..150).collect::<Vec<_>>()
    );
    // Bare NaN is read as it is from a plain body.
    let nan = epoch("b", "j", 150, 0.5).to_string().replace("0.5", "NaN");
    send(&reporter, "/api/events", "gzip", gzip(nan.as_bytes()))
        .await
        .ok(200);
}

#[tokio::test]
async fn what_is_not_what_it_says_is_refused_with_a_code() {
    let (_app, reporter) = server().await;
    let text = run(0).to_string();
    let packed = gzip(text.as_bytes());
    let path = "/api/events/batch";
    for (encoding, body) in [
        ("gzip", text.clone().into_bytes()),
        ("gzip", packed[..packed.len() / 2].to_vec()),
        ("zstd", packed.clone()),
    ] {
        let refused = send(&reporter, path, encoding, body).await;
        assert_eq!(refused.refused(400), "content_encoding_broken");
    }
    for encoding in ["br", "deflate", "gzip, zstd", "compress"] {
        let refused = send(&reporter, path, encoding, packed.clone()).await;
        assert_eq!(refused.refused(415), "content_encoding_unknown");
        assert_eq!(
            refused.header("accept-encoding").as_deref(),
            Some("zstd, gzip")
        );
    }
    let empty = send(&reporter, path, "gzip", "").await;
    assert_eq!(empty.refused(422), "validation");
    assert_eq!(
        reporter.get("/api/batches/b").await.refused(404),
        "batch_not_found"
    );
}

#[tokio::test]
async fn the_limit_counts_what_a_body_unfolds_to() {
    let (_app, reporter) = server().await;
    let much = format!("{{\"events\": \"{}\"}}", "x".repeat(64 * 1024 * 1024));
    for (encoding, bomb) in [
        ("gzip", gzip(much.as_bytes())),
        ("zstd", zstd(much.as_bytes())),
    ] {
        assert!(bomb.len() < 500_000, "{} bytes", bomb.len());
        let refused = send(&reporter, "/api/events/batch", encoding, bomb).await;
        assert_eq!(refused.refused(413), "body_too_large");
    }
    // A frame that asks for a window of 128 MB is no body for a function of 256 MB.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    encoder.window_log(27).expect("set");
    std::io::Write::write_all(&mut encoder, run(0).to_string().as_bytes()).expect("written");
    let wide = encoder.finish().expect("finished");
    let refused = send(&reporter, "/api/events/batch", "zstd", wide).await;
    assert_eq!(refused.refused(400), "content_encoding_broken");
}
