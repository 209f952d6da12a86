//! Rows and objects from one place to another and back.

use argus_local::export::{TransferError, export};
use argus_local::import::import;
use domain::account::TokenScope;
use http::Method;
use serde_json::json;
use test_kit::TestApp;
use test_kit::build::{batch_start, epoch};

async fn empty() -> TestApp {
    TestApp::new(argus_local::mount::routes()).await
}

#[tokio::test]
async fn files_move_with_their_rows() {
    let place = tempfile::tempdir().expect("a directory");
    let [first, second] = ["first.zip", "second.zip"].map(|name| place.path().join(name));
    let app = empty().await;
    let user = app.user("alice", true).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    let events = json!({"events": [batch_start("b"), epoch("b", "j", 1, 0.5)]});
    reporter.post("/api/events/batch", &events).await.ok(200);
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
    let call = reporter.call(Method::POST, "/api/jobs/j/artifacts");
    let kept = call.text("multipart/form-data; boundary=x", form).send();
    let id = kept.await.ok(201)["id"].clone();
    let moved = export(&app.services.store, &first).await.expect("exported");
    assert_eq!(moved.objects, 1);
    let other = empty().await;
    let again = import(&other.services.store, &first, false).await;
    assert_eq!(again.expect("imported"), moved);
    let refused = import(&other.services.store, &first, false).await;
    assert!(matches!(refused, Err(TransferError::NotEmpty)));
    let forced = import(&other.services.store, &first, true).await;
    assert_eq!(forced.expect("imported again"), moved);
    let session = other.session(&user).await;
    let file = session.get(&format!("/api/artifacts/{id}")).await;
    assert_eq!(file.text(), "hello");
    let fresh = empty().await;
    import(&fresh.services.store, &first, false)
        .await
        .expect("imported");
    export(&fresh.services.store, &second)
        .await
        .expect("exported");
    let bytes = |path| std::fs::read(path).expect("read");
    assert!(bytes(&first) == bytes(&second), "the same bytes");
}

#[tokio::test]
async fn a_damaged_export_changes_nothing() {
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("all.zip");
    let app = empty().await;
    app.user("alice", true).await;
    export(&app.services.store, &file).await.expect("exported");
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x55;
    std::fs::write(&file, bytes).expect("written");
    let other = empty().await;
    assert!(import(&other.services.store, &file, false).await.is_err());
    assert!(other.services.store.table.is_empty().await.expect("asked"));
}
