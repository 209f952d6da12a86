//! Group commit, closing and opening again, readers after a change of tables.

use argus_engine_dynamodb::{Engine, Location};
use futures::future::join_all;

use crate::table::{self, TABLE, item, text};

#[tokio::test]
async fn many_writers_share_few_syncs_and_all_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    table::create(&client).await;
    let before = engine.stats();
    let puts: Vec<String> = (0..500).map(|number| format!("{number:04}")).collect();
    join_all(puts.iter().map(|sk| table::put(&client, "p", sk))).await;
    let after = engine.stats();
    assert_eq!(after.writes - before.writes, 500);
    let syncs = after.syncs - before.syncs;
    // How many share one depends on the machine; that they share does not.
    assert!((1..250).contains(&syncs), "{syncs} syncs for 500 writes");
    engine.close();
    let again = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    assert_eq!(table::count(&again.client(), "p").await, 500);
}

#[tokio::test]
async fn closing_moves_the_log_into_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    table::create(&client).await;
    table::put(&client, "p", "s").await;
    engine.close();
    let wal = dir.path().join("dynamodb.sqlite-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    // The client outlives the engine and gets an answer, not a hang.
    let put = client.put_item().table_name(TABLE);
    let refused = put.set_item(Some(item("p", "t"))).send().await;
    assert!(refused.unwrap_err().raw_response().is_some());
}

#[tokio::test]
async fn readers_see_tables_made_and_replaced_later() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    let get = || {
        let get = client.get_item().table_name(TABLE);
        get.set_key(Some(item("p", "s"))).send()
    };
    for _ in 0..3 {
        assert!(get().await.is_err());
        table::create(&client).await;
        assert!(get().await.unwrap().item.is_none());
        table::put(&client, "p", "s").await;
        assert!(get().await.unwrap().item.is_some());
        client
            .delete_table()
            .table_name(TABLE)
            .send()
            .await
            .unwrap();
    }
    assert!(engine.stats().reopened > 0);
}

#[tokio::test]
async fn a_write_is_seen_by_every_reader_once_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    table::create(&client).await;
    for number in 0..100 {
        let sk = format!("{number}");
        table::put(&client, "p", &sk).await;
        let gets = (0..4).map(|_| {
            let get = client.get_item().table_name(TABLE);
            get.set_key(Some(item("p", &sk))).send()
        });
        for found in join_all(gets).await {
            assert_eq!(found.unwrap().item.unwrap()["sk"], text(sk.as_str()));
        }
    }
    assert!(engine.stats().reads >= 400);
}
