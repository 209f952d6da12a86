//! Presigned URLs: what a browser does without credentials of its own.

use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};

use super::bucket::Bucket;
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

fn ten_minutes() -> Result<PresigningConfig, Failure> {
    Ok(PresigningConfig::expires_in(Duration::from_secs(600))?)
}

async fn get(bucket: &Bucket, key: &str) -> Result<PresignedRequest, Failure> {
    let get = bucket.client.get_object().bucket(&bucket.name).key(key);
    Ok(get.presigned(ten_minutes()?).await?)
}

pub(super) async fn a_presigned_get_needs_no_credentials(bucket: Bucket) -> Outcome {
    bucket.put("a/b c+ü.bin", "bytes").await?;
    let (status, body) = bucket
        .send(&get(&bucket, "a/b c+ü.bin").await?, b"")
        .await?;
    ensure_eq!((status, body), (200, b"bytes".to_vec()), "answer");
    Ok(())
}

pub(super) async fn a_presigned_put_stores(bucket: Bucket) -> Outcome {
    let put = bucket.client.put_object().bucket(&bucket.name).key("k");
    let put = put
        .content_type("text/csv")
        .presigned(ten_minutes()?)
        .await?;
    let (status, body) = bucket.send(&put, b"a,b").await?;
    ensure!(
        status == 200,
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    ensure_eq!(got.content_type(), Some("text/csv"), "type");
    ensure_eq!(got.body.collect().await?.to_vec(), b"a,b", "bytes");
    Ok(())
}

pub(super) async fn a_changed_signature_is_forbidden(bucket: Bucket) -> Outcome {
    bucket.put("k", "secret").await?;
    let request = get(&bucket, "k").await?;
    let uri = request.uri();
    let Some(position) = uri
        .find("X-Amz-Signature=")
        .map(|p| p + "X-Amz-Signature=".len())
    else {
        return Err(Failure(format!("no signature in {uri}")));
    };
    let other = if uri[position..].starts_with('0') {
        "1"
    } else {
        "0"
    };
    let changed = format!("{}{other}{}", &uri[..position], &uri[position + 1..]);
    let (status, body) = bucket.fetch("GET", &changed, &[], b"").await?;
    ensure_eq!(status, 403, "status");
    ensure!(
        String::from_utf8_lossy(&body).contains("SignatureDoesNotMatch"),
        "another code"
    );
    Ok(())
}

pub(super) async fn a_changed_key_is_forbidden(bucket: Bucket) -> Outcome {
    bucket.put("mine", "x").await?;
    bucket.put("not-mine", "secret").await?;
    let request = get(&bucket, "mine").await?;
    let changed = request.uri().replacen("/mine?", "/not-mine?", 1);
    ensure_eq!(
        bucket.fetch("GET", &changed, &[], b"").await?.0,
        403,
        "another key"
    );
    ensure_eq!(
        bucket.fetch("DELETE", request.uri(), &[], b"").await?.0,
        403,
        "another method"
    );
    ensure_eq!(bucket.get("mine").await?, b"x", "bytes");
    Ok(())
}

pub(super) async fn a_request_without_signature_is_forbidden(bucket: Bucket) -> Outcome {
    bucket.put("k", "secret").await?;
    let request = get(&bucket, "k").await?;
    let bare = request.uri().split('?').next().unwrap_or_default();
    ensure_eq!(bucket.fetch("GET", bare, &[], b"").await?.0, 403, "GET");
    ensure_eq!(
        bucket.fetch("PUT", bare, &[], b"overwritten").await?.0,
        403,
        "PUT"
    );
    ensure_eq!(bucket.get("k").await?, b"secret", "bytes");
    Ok(())
}

pub(super) async fn a_presigned_get_may_name_the_download(bucket: Bucket) -> Outcome {
    bucket.put("k", "x").await?;
    let get = bucket.client.get_object().bucket(&bucket.name).key("k");
    let get = get.response_content_disposition("attachment; filename=\"run 1.csv\"");
    let (status, body) = bucket
        .send(&get.presigned(ten_minutes()?).await?, b"")
        .await?;
    ensure_eq!((status, body), (200, b"x".to_vec()), "answer");
    Ok(())
}
