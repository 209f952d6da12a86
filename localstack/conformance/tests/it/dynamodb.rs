//! DynamoDB cases.

use argus_conformance::dynamodb::{Table, cases};
use argus_conformance::{known, run_all};
use aws_sdk_dynamodb::Client;
use engine_dynamodb::{Engine, Location};

async fn run(client: Client, differences: &[known::Difference]) {
    let report = run_all(cases(), || async { Table::create(&client).await }).await;
    crate::judge(&report, differences);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let engine = Engine::open(Location::Memory).unwrap();
    run(engine.client(), known::DYNAMODB).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::open(Location::Dir(directory.path().to_owned())).unwrap();
    run(engine.client(), known::DYNAMODB).await;
}

#[tokio::test]
async fn on_the_endpoint_of_the_environment() {
    if let Some(endpoint) = crate::endpoint("AWS_ENDPOINT_URL_DYNAMODB") {
        run(Client::new(&crate::real(&endpoint).await), &[]).await;
    }
}
