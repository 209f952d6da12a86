//! Clients, capacity, clones and closing.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use engine_dynamodb::{Engine, Location, OpenError};

use crate::table::{self, TABLE, item, text};

#[tokio::test]
async fn what_is_put_is_read_back_in_memory_and_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    for location in [Location::Memory, Location::Dir(dir.path().join("new/dir"))] {
        let engine = Engine::open(location).unwrap();
        let client = engine.client();
        table::create(&client).await;
        table::put(&client, "a", "1").await;
        let found = client
            .get_item()
            .table_name(TABLE)
            .set_key(Some(item("a", "1")))
            .send()
            .await
            .unwrap();
        assert_eq!(found.item.unwrap()["sk"], text("1"));
        assert_eq!(table::count(&client, "a").await, 1);
    }
}
