//! Direct uploads, lists and deletion.

use crate::setup::{end, header, names, send, server, server_with, start, upload};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let out = upload(&alice, "/api/jobs/j/artifacts", "loss.png", b"\x89PNG")
        .await
        .ok(201);
    assert_eq!(
        (&out["batch_id"], &out["job_id"]),
        (&json!("b"), &json!("j"))
    );
    assert_eq!(
        (&out["mime"], &out["size_bytes"]),
        (&json!("image/png"), &json!(4))
    );
    assert_eq!(
        (&out["label"], &out["meta"], &out["parked"]),
        (&json!(null), &json!(null), &json!(false))
    );
    let path = format!("/api/artifacts/{}", out["id"]);
    let file = alice.get(&path).await;
    assert_eq!(
        (file.status.as_u16(), &file.body[..]),
        (200, &b"\x89PNG"[..])
    );
    assert_eq!(header(&file, "content-type"), "image/png");
    assert_eq!(names(&alice, "/api/jobs/j/artifacts").await, ["loss.png"]);
    assert_eq!(alice.delete(&path).await.status, 204);
    assert_eq!(alice.get(&path).await.refused(404), "artifact_not_found");
    assert_eq!(alice.delete(&path).await.refused(404), "artifact_not_found");
    assert!(names(&alice, "/api/jobs/j/artifacts").await.is_empty());
}

#[tokio::test]
async fn label_and_meta_are_kept_and_meta_is_an_object() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let path = "/api/jobs/j/artifacts?batch_id=b";
    let file = ("file", Some(("notes.bin", Some("text/plain"))), &b"hi"[..]);
    let parts = [
        ("label", None, &b"best"[..]),
        ("meta", None, br#"{"epoch": 3}"#),
        file,
    ];
    let out = send(&alice, path, &parts).await.ok(201);
    assert_eq!(
        (&out["label"], &out["meta"]),
        (&json!("best"), &json!({"epoch": 3}))
    );
    assert_eq!(out["mime"], "text/plain");
    let blank = [("meta", None, &b" "[..]), ("label", None, b""), file];
    let out = send(&alice, path, &blank).await.ok(201);
    assert_eq!((&out["label"], &out["meta"]), (&json!(null), &json!(null)));
    for meta in [&b"[1]"[..], b"{", b"3"] {
        let parts = [("meta", None, meta), file];
        assert_eq!(
            send(&alice, path, &parts).await.refused(400),
            "artifact_meta_invalid"
        );
    }
    assert_eq!(names(&alice, path).await.len(), 2);
}

#[tokio::test]
async fn what_is_no_form_is_refused_clearly() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let path = "/api/jobs/j/artifacts";
    assert_eq!(
        send(&alice, path, &[("kind", None, b"image")])
            .await
            .refused(422),
        "validation"
    );
    assert_eq!(
        send(&alice, path, &[("file", None, b"text")])
            .await
            .refused(422),
        "validation"
    );
    assert_eq!(
        alice.post(path, &json!({})).await.refused(400),
        "upload_malformed"
    );
    let cut = alice
        .call(Method::POST, path)
        .text("multipart/form-data; boundary=x", "--x\r\nContent-Disp");
    assert_eq!(cut.send().await.refused(400), "upload_malformed");
    assert!(names(&alice, path).await.is_empty());
    upload(&alice, path, "empty.txt", b"").await.ok(201);
}

#[tokio::test]
async fn file_and_job_have_their_limits() {
    let limits = vec![
        ("ARGUS_ARTIFACT_MAX_FILE_MB", "1".to_owned()),
        ("ARGUS_ARTIFACT_MAX_JOB_MB", "2".to_owned()),
    ];
    let (_app, alice) = server_with(limits).await;
    start(&alice, "b", &["j", "k"]).await;
    let mib = vec![7; 1024 * 1024];
    let path = "/api/jobs/j/artifacts";
    let one = upload(&alice, path, "1.bin", &mib).await.ok(201);
    let more = [&mib[..], b"x"].concat();
    assert_eq!(
        upload(&alice, path, "big.bin", &more).await.refused(413),
        "artifact_too_large"
    );
    upload(&alice, path, "2.bin", &mib).await.ok(201);
    assert_eq!(
        upload(&alice, path, "3.bin", b"x").await.refused(413),
        "artifact_quota"
    );
    upload(&alice, "/api/jobs/k/artifacts", "other.bin", &mib)
        .await
        .ok(201);
    // What is deleted makes room again.
    alice
        .delete(&format!("/api/artifacts/{}", one["id"]))
        .await
        .ok(204);
    upload(&alice, path, "3.bin", &mib).await.ok(201);
    assert_eq!(names(&alice, path).await, ["2.bin", "3.bin"]);
}

#[tokio::test]
async fn quota_holds_under_concurrency() {
    let limits = vec![("ARGUS_ARTIFACT_MAX_JOB_MB", "1".to_owned())];
    let (_app, alice) = server_with(limits).await;
    start(&alice, "b", &["j"]).await;
    let third = vec![1; 400 * 1024];
    let sends = (0..4).map(|_| upload(&alice, "/api/jobs/j/artifacts", "x.bin", &third));
    let replies = futures::future::join_all(sends).await;
    let stored = replies.iter().filter(|r| r.status == 201).count();
    let refused = replies.iter().filter(|r| r.status == 413).count();
    assert_eq!((stored, refused), (2, 2));
}

#[tokio::test]
async fn one_job_id_in_two_batches() {
    let (_app, alice) = server().await;
    start(&alice, "old", &["j"]).await;
    start(&alice, "new", &["j"]).await;
    let path = "/api/jobs/j/artifacts";
    let batch = |out: serde_json::Value| out["batch_id"].as_str().unwrap_or_default().to_owned();
    end(&alice, "new").await;
    assert_eq!(
        batch(upload(&alice, path, "a.png", b"1").await.ok(201)),
        "old"
    );
    end(&alice, "old").await;
    let named = format!("{path}?batch_id=new");
    assert_eq!(
        batch(upload(&alice, &named, "b.png", b"1").await.ok(201)),
        "new"
    );
    assert_eq!(names(&alice, &named).await, ["b.png"]);
    assert_eq!(
        names(&alice, &format!("{path}?batch_id=old")).await,
        ["a.png"]
    );
}

#[tokio::test]
async fn a_batch_has_files_of_its_own_and_of_its_jobs() {
    let (_app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let out = upload(&alice, "/api/batches/b/artifacts", "report.pdf", b"%PDF")
        .await
        .ok(201);
    assert_eq!(
        (&out["batch_id"], &out["job_id"]),
        (&json!("b"), &json!(null))
    );
    upload(&alice, "/api/jobs/j/artifacts", "plot.png", b"1")
        .await
        .ok(201);
    assert_eq!(
        names(&alice, "/api/batches/b/artifacts").await,
        ["report.pdf", "plot.png"]
    );
    assert_eq!(names(&alice, "/api/jobs/j/artifacts").await, ["plot.png"]);
}
