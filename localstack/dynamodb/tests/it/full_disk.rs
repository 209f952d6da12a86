//! A disk that takes no more: an error is answered, nothing acknowledged is lost.

use argus_engine_dynamodb::{Engine, Location};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::table::{self, TABLE, item, text};
use test_kit::child;

/// The child: writes until it is refused, then reads what it has.
#[tokio::test]
async fn writer_on_a_small_disk() {
    let Some(directory) = child::directory() else {
        return;
    };
    let engine = Engine::open(Location::Dir(directory)).unwrap();
    let client = engine.client();
    table::create(&client).await;
    for number in 0..1000 {
        let mut item = item("p", &format!("{number:04}"));
        item.insert("body".into(), text("x".repeat(50_000)));
        let put = client.put_item().table_name(TABLE);
        match put.set_item(Some(item)).send().await {
            Ok(_) => println!("\nack {number:04}"),
            Err(error) => {
                let code = error.code().unwrap_or("none");
                println!(
                    "\nrefused {code}, {} left",
                    table::count(&client, "p").await
                );
                return;
            }
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let test = "full_disk::writer_on_a_small_disk";
    let output = child::limited(test, dir.path(), 8192).output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let acknowledged: Vec<&str> = output
        .lines()
        .filter_map(|l| l.strip_prefix("ack "))
        .collect();
    assert!(acknowledged.len() > 10, "{output}");
    let expected = format!("refused InternalServerError, {} left", acknowledged.len());
    assert!(output.contains(&expected), "{output}");

    let engine = Engine::open(Location::Dir(dir.path().to_owned())).unwrap();
    let client = engine.client();
    let found = table::sort_keys(&client, "p").await;
    assert!(acknowledged.iter().all(|name| found.contains(*name)));
    table::put(&client, "p", "after").await;
    engine.close();
    table::assert_sound(dir.path());
}
