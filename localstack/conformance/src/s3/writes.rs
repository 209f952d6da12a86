//! Writes that must not happen, or only once.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use futures::future::join_all;

use super::bucket::{Bucket, code, status};
use crate::Outcome;
use crate::case::{ensure, ensure_eq};

fn body(text: &str) -> ByteStream {
    ByteStream::from(text.as_bytes().to_vec())
}

pub(super) async fn of_10_racers_one_creates(bucket: Bucket) -> Outcome {
    let racers = (0..10).map(|number| {
        let put = bucket.client.put_object().bucket(&bucket.name).key("k");
        put.if_none_match("*")
            .body(body(&format!("{number}")))
            .send()
    });
    let outcomes = join_all(racers).await;
    let winners: Vec<usize> = (0..10).filter(|i| outcomes[*i].is_ok()).collect();
    ensure_eq!(winners.len(), 1, "winners");
    let refused = outcomes
        .iter()
        .filter(|o| [412, 409].contains(&status(o)))
        .count();
    ensure_eq!(refused, 9, "losers");
    ensure_eq!(
        bucket.get("k").await?,
        winners[0].to_string().as_bytes(),
        "stored bytes"
    );
    Ok(())
}

pub(super) async fn if_match_replaces_only_what_was_seen(bucket: Bucket) -> Outcome {
    bucket.put("k", "first").await?;
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    let seen = head.e_tag().unwrap_or_default().to_owned();
    let replace = |text: &str| {
        let put = bucket.client.put_object().bucket(&bucket.name).key("k");
        put.if_match(&seen).body(body(text)).send()
    };
    replace("second").await?;
    ensure_eq!(status(&replace("third").await), 412, "a stale tag");
    ensure_eq!(bucket.get("k").await?, b"second", "bytes");
    Ok(())
}

pub(super) async fn a_wrong_md5_leaves_the_old_object(bucket: Bucket) -> Outcome {
    bucket.put("k", "good").await?;
    let put = bucket.client.put_object().bucket(&bucket.name).key("k");
    let put = put
        .content_md5("1B2M2Y8AsgTpgAmY7PhCfg==")
        .body(body("not empty"));
    ensure_eq!(code(&put.send().await), "BadDigest", "code");
    ensure_eq!(bucket.get("k").await?, b"good", "bytes");
    Ok(())
}

pub(super) async fn a_wrong_checksum_leaves_the_old_object(bucket: Bucket) -> Outcome {
    bucket.put("k", "good").await?;
    let put = bucket.client.put_object().bucket(&bucket.name).key("k");
    let put = put.checksum_crc32("AAAAAA==").body(body("not empty"));
    let refused = put.send().await;
    ensure!(
        ["BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch"].contains(&code(&refused)),
        "answered {}",
        code(&refused)
    );
    ensure_eq!(bucket.get("k").await?, b"good", "bytes");
    Ok(())
}

pub(super) async fn a_checksum_comes_back_when_asked(bucket: Bucket) -> Outcome {
    let put = bucket.client.put_object().bucket(&bucket.name).key("k");
    let put = put
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .body(body("abc"));
    let sent = put.send().await?;
    let expected = Some("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    ensure_eq!(sent.checksum_sha256(), expected, "in the answer to PUT");
    let head = bucket.client.head_object().bucket(&bucket.name).key("k");
    let head = head.checksum_mode(ChecksumMode::Enabled).send().await?;
    ensure_eq!(head.checksum_sha256(), expected, "in the answer to HEAD");
    Ok(())
}

pub(super) async fn a_full_bucket_is_not_deleted(bucket: Bucket) -> Outcome {
    bucket.put("k", "x").await?;
    let delete = || bucket.client.delete_bucket().bucket(&bucket.name).send();
    ensure_eq!(code(&delete().await), "BucketNotEmpty", "a full bucket");
    bucket
        .client
        .delete_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    delete().await?;
    let head = bucket
        .client
        .head_bucket()
        .bucket(&bucket.name)
        .send()
        .await;
    ensure_eq!(status(&head), 404, "a deleted bucket");
    Ok(())
}
