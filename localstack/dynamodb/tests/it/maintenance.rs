//! TTL and backup.

use std::time::{SystemTime, UNIX_EPOCH};

use argus_engine_dynamodb::{Engine, EngineError, Location};
use aws_sdk_dynamodb::types::{AttributeValue, TimeToLiveSpecification};

use crate::table::{self, TABLE, item};

#[tokio::test]
async fn a_sweep_removes_what_has_expired_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    for location in [Location::Memory, Location::Dir(dir.path().to_owned())] {
        let engine = Engine::open(location).unwrap();
        let client = engine.client();
        table::create(&client).await;
        let ttl = TimeToLiveSpecification::builder()
            .attribute_name("ttl")
            .enabled(true);
        let define = client.update_time_to_live().table_name(TABLE);
        let define = define.time_to_live_specification(ttl.build().unwrap());
        define.send().await.unwrap();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        for (sk, ttl) in [("old", now - 100), ("new", now + 1000)] {
            let mut item = item("p", sk);
            item.insert("ttl".into(), AttributeValue::N(ttl.to_string()));
            let put = client.put_item().table_name(TABLE);
            put.set_item(Some(item)).send().await.unwrap();
        }
        table::put(&client, "p", "never").await;
        assert_eq!(engine.sweep_ttl().await.unwrap(), 1);
        assert_eq!(table::count(&client, "p").await, 2);
        assert_eq!(engine.sweep_ttl().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_backup_is_a_complete_database() {
    let dir = tempfile::tempdir().unwrap();
    for (name, location) in [
        ("memory", Location::Memory),
        ("disk", Location::Dir(dir.path().join("live"))),
    ] {
        let engine = Engine::open(location).unwrap();
        let client = engine.client();
        table::create(&client).await;
        table::put(&client, "p", "before").await;
        let copy = dir.path().join(name);
        std::fs::create_dir(&copy).unwrap();
        engine.backup_to(&copy.join("dynamodb.sqlite")).unwrap();
        table::put(&client, "p", "after").await;
        let again = engine.backup_to(&copy.join("dynamodb.sqlite"));
        assert!(
            matches!(again, Err(EngineError::Io(_))),
            "a backup was overwritten"
        );
        let restored = Engine::open(Location::Dir(copy)).unwrap();
        assert_eq!(table::count(&restored.client(), "p").await, 1);
    }
}

#[tokio::test]
async fn a_closed_engine_refuses_maintenance() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    engine.clone().close();
    assert!(matches!(engine.sweep_ttl().await, Err(EngineError::Closed)));
    let backup = engine.backup_to(&dir.path().join("copy"));
    assert!(matches!(backup, Err(EngineError::Closed)));
}
