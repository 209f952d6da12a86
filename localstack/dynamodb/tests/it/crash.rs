//! Killed in the middle of concurrent writes: what was acknowledged is there.

use std::collections::BTreeSet;

use argus_engine_dynamodb::{Engine, Location};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use crate::table::{self, TABLE, item};
use test_kit::child;

const WRITERS: usize = 16;
/// Acknowledged writes after which the child is killed.
const ENOUGH: usize = 400;

async fn write_for_ever(client: Client, writer: usize) {
    for number in 0.. {
        let name = format!("{writer}-{number}");
        table::put(&client, "put", &name).await;
        child::acknowledge(&format!("put {name}"));
        let mut write = client.transact_write_items();
        for part in ["1", "2", "3"] {
            let put = Put::builder().table_name(TABLE);
            let put = put.set_item(Some(item("transaction", &format!("{name}/{part}"))));
            let put = put.build().expect("complete");
            write = write.transact_items(TransactWriteItem::builder().put(put).build());
        }
        write.send().await.expect("written");
        child::acknowledge(&format!("transaction {name}"));
    }
}

/// The child: writes until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_writers() {
    let Some(directory) = child::directory() else {
        return;
    };
    let engine = Engine::open(Location::Dir(directory)).unwrap();
    let client = engine.client();
    table::create(&client).await;
    let writers = (0..WRITERS).map(|writer| tokio::spawn(write_for_ever(client.clone(), writer)));
    futures::future::join_all(writers).await;
}

#[tokio::test]
async fn no_acknowledged_write_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = child::killed_after(ENOUGH, "crash::endless_writers", dir.path());
    assert!(acknowledged.len() >= ENOUGH - 1);

    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    let puts = table::sort_keys(&client, "put").await;
    let parts = table::sort_keys(&client, "transaction").await;
    for name in acknowledged {
        match name.split_once(' ') {
            Some(("put", name)) => assert!(puts.contains(name), "{name} is lost"),
            Some((_, name)) => assert!(parts.contains(&format!("{name}/1")), "{name} is lost"),
            None => panic!("{name}"),
        }
    }
    let whole: BTreeSet<&str> = parts.iter().filter_map(|p| p.split('/').next()).collect();
    assert_eq!(parts.len(), whole.len() * 3, "a transaction is torn");
    engine.close();
    table::assert_sound(dir.path());
}
