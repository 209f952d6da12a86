//! The bucket and the engines of these tests.

use std::path::Path;

use argus_engine_s3::{Credentials, Engine, Location};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

pub const BUCKET: &str = "things";

pub fn credentials() -> Credentials {
    Credentials {
        access_key: "access".into(),
        secret_key: "secret".into(),
    }
}

/// An engine on `directory`, and a client of it; the bucket is made when missing.
pub async fn on_disk(directory: &Path) -> (Engine, Client) {
    let location = Location::Dir(directory.to_owned());
    let engine = Engine::open(location, credentials()).expect("opens");
    let client = engine.client("http://files.example");
    // It may be there from an earlier run.
    let _ = client.create_bucket().bucket(BUCKET).send().await;
    (engine, client)
}

pub async fn put(client: &Client, key: &str, body: Vec<u8>) {
    let put = client.put_object().bucket(BUCKET).key(key);
    let put = put.body(ByteStream::from(body));
    put.send().await.expect("written");
}

pub async fn get(client: &Client, key: &str) -> Vec<u8> {
    let get = client.get_object().bucket(BUCKET).key(key);
    let got = get.send().await.expect("found");
    got.body.collect().await.expect("read").to_vec()
}

/// All keys, over all pages.
pub async fn keys(client: &Client) -> Vec<String> {
    let list = client.list_objects_v2().bucket(BUCKET);
    let mut pages = list.into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("a page");
        keys.extend(
            page.contents()
                .iter()
                .filter_map(|o| o.key().map(str::to_owned)),
        );
    }
    keys
}

/// Names of all files below `blobs/`.
pub fn blobs(directory: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for shelf in std::fs::read_dir(directory.join("blobs")).expect("blobs") {
        for file in std::fs::read_dir(shelf.expect("entry").path()).expect("a shelf") {
            names.push(
                file.expect("entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    names
}
