//! Bytes, ranges, names and types.

use crate::setup::{header, send, server, server_with, start, upload};
use http::Method;

#[tokio::test]
async fn ranges_and_conditions() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let out = upload(&alice, "/api/jobs/j/artifacts", "a.txt", b"0123456789")
        .await
        .ok(201);
    let path = format!("/api/artifacts/{}", out["id"]);
    let ask = |name: &'static str, value: String| {
        alice.call(Method::GET, &path).header(name, &value).send()
    };
    let part = ask("range", "bytes=2-4".into()).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &b"234"[..]));
    assert_eq!(header(&part, "content-range"), "bytes 2-4/10");
    assert_eq!(header(&part, "content-length"), "3");
    assert_eq!(ask("range", "bytes=-3".into()).await.body, b"789");
    let outside = ask("range", "bytes=10-".into()).await;
    assert_eq!(outside.refused(416), "range_unsatisfiable");
    assert_eq!(header(&outside, "content-range"), "bytes */10");
    let whole = alice.get(&path).await;
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "content-type"), "text/plain; charset=utf-8");
    assert!(header(&whole, "last-modified").ends_with("GMT"));
    let etag = header(&whole, "etag").to_owned();
    assert_eq!(ask("if-none-match", etag.clone()).await.status, 304);
    let stale = alice.call(Method::GET, &path).header("range", "bytes=2-4");
    let stale = stale.header("if-range", "\"other\"").send().await;
    assert_eq!((stale.status.as_u16(), stale.body.len()), (200, 10));
    let current = alice.call(Method::GET, &path).header("range", "bytes=2-4");
    assert_eq!(current.header("if-range", &etag).send().await.status, 206);
}

#[tokio::test]
async fn nothing_a_browser_would_run() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    for (name, kind, inline) in [
        ("x.svg", None, false),
        ("x.html", None, false),
        ("x", Some("text/html"), false),
        ("x", Some("application/xhtml+xml"), false),
        ("x.png", Some("text/html"), true),
        ("x.pdf", None, true),
        ("x.txt", None, true),
    ] {
        let parts = [(
            "file",
            Some((name, kind)),
            &b"<script>alert(1)</script>"[..],
        )];
        let out = send(&alice, "/api/jobs/j/artifacts", &parts).await.ok(201);
        let path = format!("/api/artifacts/{}", out["id"]);
        let plain = alice.get(&path).await;
        assert!(
            header(&plain, "content-disposition").starts_with("attachment; "),
            "{name}"
        );
        let shown = alice.get(&format!("{path}?inline=1")).await;
        let how = header(&shown, "content-disposition");
        assert_eq!(
            how.starts_with("inline; "),
            inline,
            "{name} {kind:?}: {how}"
        );
        for reply in [plain, shown] {
            assert_eq!(header(&reply, "x-content-type-options"), "nosniff");
            let policy = header(&reply, "content-security-policy");
            assert_eq!(policy, "sandbox; default-src 'none'");
        }
    }
}

#[tokio::test]
async fn names_are_shown_as_sent_and_saved_safely() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    for (sent, saved) in [
        ("../../.bashrc", "bashrc"),
        ("损失 1.png", "___1.png"),
        ("..", "upload.bin"),
    ] {
        let out = upload(&alice, "/api/jobs/j/artifacts", sent, b"1")
            .await
            .ok(201);
        assert_eq!(out["filename"], sent);
        let reply = alice.get(&format!("/api/artifacts/{}", out["id"])).await;
        let name = format!("attachment; filename=\"{saved}\"");
        assert_eq!(header(&reply, "content-disposition"), name);
    }
}

#[tokio::test]
async fn large_answers_may_come_from_the_bucket() {
    let (app, alice) = server_with(vec![("ARGUS_ARTIFACT_REDIRECT_KB", "1".into())]).await;
    start(&alice, "b", &["j"]).await;
    let page = [&b"<script>"[..], &[b'x'; 2000]].concat();
    let out = upload(&alice, "/api/jobs/j/artifacts", "x.html", &page)
        .await
        .ok(201);
    let reply = alice.get(&format!("/api/artifacts/{}", out["id"])).await;
    assert_eq!(reply.status, 307);
    let url = header(&reply, "location");
    assert!(url.contains("application%2Foctet-stream"), "{url}");
    let (status, body) = app.fetch("GET", url, &serde_json::json!({}), b"").await;
    assert_eq!((status, body), (200, page));
}
