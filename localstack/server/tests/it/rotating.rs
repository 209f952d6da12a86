//! Backups the server makes by itself.

use argus_local::rotation::{kept, rotate};
use domain::time::Timestamp;
use test_kit::TestApp;
use test_kit::app::{START, Setup};

#[tokio::test]
async fn the_newest_backups_are_kept_and_told_of() {
    let place = tempfile::tempdir().expect("a directory");
    let setup = Setup {
        directory: Some(place.path().to_owned()),
        variables: vec![("ARGUS_BACKUP_KEEP_LAST_N", "2".into())],
        ..Setup::default()
    };
    let app = TestApp::with(argus_local::mount::routes(), setup).await;
    app.user("root", true).await;
    for minute in 0..4 {
        let now = Timestamp(START.0 + minute * 60_000);
        rotate(&app.services, place.path(), now).await;
    }
    let files = kept(place.path()).expect("listed");
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0] > names[1] && names[0].starts_with("argus-2026"));
    let root = app.services.store.user_named("root").await.expect("read");
    let admin = app.session(&root.expect("there").value).await;
    let status = admin.get("/api/admin/backup-status").await.ok(200);
    assert_eq!(status["enabled"], true, "{status}");
    assert_eq!(status["recent_files"][0]["name"], names[0]);
    assert_eq!(status["keep_last_n"], 2);
    // A failure is told as well, and removes nothing.
    let blocked = place.path().join("s3.sqlite");
    std::fs::rename(&blocked, place.path().join("elsewhere")).expect("moved");
    rotate(&app.services, place.path(), Timestamp(START.0 + 600_000)).await;
    let status = admin.get("/api/admin/backup-status").await.ok(200);
    assert!(status["last_error"].is_string(), "{status}");
    assert_eq!(status["recent_files"].as_array().map(Vec::len), Some(2));
}
