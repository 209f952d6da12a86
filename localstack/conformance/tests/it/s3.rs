//! S3 cases.

use argus_conformance::s3::{Bucket, cases};
use argus_conformance::{known, run_all};
use aws_sdk_s3::Client;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use engine_s3::{Credentials, Engine, Location};

async fn run(client: Client, http: SharedHttpConnector, differences: &[known::Difference]) {
    let report = run_all(cases(), || async { Bucket::create(&client, &http).await }).await;
    crate::judge(&report, differences);
}

async fn embedded(location: Location) {
    let credentials = Credentials {
        access_key: "access".into(),
        secret_key: "secret".into(),
    };
    let engine = Engine::open(location, credentials).expect("opens");
    let client = engine.client("http://files.example:8080");
    run(client, engine.connector(), known::S3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    embedded(Location::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk() {
    let directory = tempfile::tempdir().unwrap();
    embedded(Location::Dir(directory.path().to_owned())).await;
}

#[tokio::test]
async fn on_the_endpoint_of_the_environment() {
    let Some(endpoint) = crate::endpoint("AWS_ENDPOINT_URL_S3") else {
        return;
    };
    let config = crate::real(&endpoint).await;
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let http = aws_smithy_http_client::Connector::builder().tls_provider(ring);
    let http = SharedHttpConnector::new(http.build());
    run(Client::from_conf(config.build()), http, &[]).await;
}
