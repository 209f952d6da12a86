//! Single objects.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};

use super::bucket::{Bucket, code, status};
use crate::Outcome;
use crate::case::{ensure, ensure_eq};

pub(super) async fn an_object_comes_back_with_its_metadata(bucket: Bucket) -> Outcome {
    bucket
        .client
        .put_object()
        .bucket(&bucket.name)
        .key("a/b.json")
        .content_type("application/json")
        .cache_control("max-age=60")
        .content_disposition("attachment; filename=\"b.json\"")
        .metadata("Owner", "someone")
        .body(ByteStream::from_static(b"{}"))
        .send()
        .await?;
    let get = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("a/b.json");
    let got = get.send().await?;
    ensure_eq!(got.content_type(), Some("application/json"), "type");
    ensure_eq!(got.cache_control(), Some("max-age=60"), "cache control");
    ensure_eq!(
        got.content_disposition(),
        Some("attachment; filename=\"b.json\""),
        "disposition"
    );
    let owner = got.metadata().and_then(|m| m.get("owner")).cloned();
    ensure_eq!(owner, Some("someone".to_owned()), "metadata");
    ensure_eq!(got.content_length(), Some(2), "length");
    let etag = got.e_tag().map(str::to_owned);
    ensure_eq!(got.body.collect().await?.to_vec(), b"{}", "bytes");
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("a/b.json")
        .send()
        .await?;
    ensure_eq!(head.content_length(), Some(2), "length by HEAD");
    ensure_eq!(head.e_tag().map(str::to_owned), etag, "entity tag by HEAD");
    ensure!(head.last_modified().is_some(), "no time of change");
    Ok(())
}

pub(super) async fn an_object_is_replaced_as_a_whole(bucket: Bucket) -> Outcome {
    let put = bucket.client.put_object().bucket(&bucket.name).key("k");
    let put = put
        .metadata("a", "1")
        .body(ByteStream::from_static(b"first"));
    put.send().await?;
    bucket.put("k", "second, longer").await?;
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    ensure!(
        got.metadata().is_none_or(|m| m.is_empty()),
        "old metadata is left"
    );
    ensure_eq!(
        got.body.collect().await?.to_vec(),
        b"second, longer",
        "bytes"
    );
    Ok(())
}

pub(super) async fn a_missing_object_says_so(bucket: Bucket) -> Outcome {
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("gone")
        .send()
        .await;
    ensure_eq!(code(&got), "NoSuchKey", "GET");
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("gone")
        .send()
        .await;
    ensure_eq!(status(&head), 404, "HEAD");
    Ok(())
}

pub(super) async fn a_missing_bucket_says_so(bucket: Bucket) -> Outcome {
    let missing = crate::unique("missing");
    let got = bucket
        .client
        .get_object()
        .bucket(&missing)
        .key("k")
        .send()
        .await;
    ensure_eq!(code(&got), "NoSuchBucket", "GET");
    let put = bucket.client.put_object().bucket(&missing).key("k");
    let put = put.body(ByteStream::from_static(b"x")).send().await;
    ensure_eq!(code(&put), "NoSuchBucket", "PUT");
    let list = bucket
        .client
        .list_objects_v2()
        .bucket(&missing)
        .send()
        .await;
    ensure_eq!(code(&list), "NoSuchBucket", "list");
    let head = bucket.client.head_bucket().bucket(&missing).send().await;
    ensure_eq!(status(&head), 404, "HEAD");
    Ok(())
}

pub(super) async fn ranges_return_their_bytes(bucket: Bucket) -> Outcome {
    bucket.put("k", "0123456789").await?;
    let wanted = [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
    ];
    for (range, bytes, described) in wanted {
        let get = bucket.client.get_object().bucket(&bucket.name).key("k");
        let got = get.range(range).send().await?;
        ensure!(
            got.content_range() == Some(described),
            "{range}: {:?}",
            got.content_range()
        );
        ensure_eq!(
            got.body.collect().await?.to_vec(),
            bytes.as_bytes(),
            "bytes"
        );
    }
    Ok(())
}

pub(super) async fn a_range_beyond_the_end_is_refused(bucket: Bucket) -> Outcome {
    bucket.put("k", "0123456789").await?;
    let get = bucket.client.get_object().bucket(&bucket.name).key("k");
    let refused = get.range("bytes=10-").send().await;
    ensure_eq!(status(&refused), 416, "status");
    ensure_eq!(code(&refused), "InvalidRange", "code");
    Ok(())
}

pub(super) async fn deleting_twice_is_no_error(bucket: Bucket) -> Outcome {
    bucket.put("k", "x").await?;
    for _ in 0..2 {
        bucket
            .client
            .delete_object()
            .bucket(&bucket.name)
            .key("k")
            .send()
            .await?;
    }
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await;
    ensure_eq!(code(&got), "NoSuchKey", "GET");
    Ok(())
}

pub(super) async fn many_are_deleted_at_once(bucket: Bucket) -> Outcome {
    let mut delete = Delete::builder();
    for number in 0..20 {
        let key = format!("k{number}");
        bucket.put(&key, "x").await?;
        delete = delete.objects(ObjectIdentifier::builder().key(key).build()?);
    }
    delete = delete.objects(ObjectIdentifier::builder().key("never-there").build()?);
    bucket.put("kept", "x").await?;
    let many = bucket.client.delete_objects().bucket(&bucket.name);
    let deleted = many.delete(delete.build()?).send().await?;
    ensure!(
        deleted.errors().is_empty(),
        "errors: {:?}",
        deleted.errors()
    );
    ensure_eq!(deleted.deleted().len(), 21, "deleted");
    let listed = bucket
        .client
        .list_objects_v2()
        .bucket(&bucket.name)
        .send()
        .await?;
    let names: Vec<&str> = listed.contents().iter().filter_map(|o| o.key()).collect();
    ensure_eq!(names, ["kept"], "what is left");
    Ok(())
}

pub(super) async fn a_copy_has_bytes_and_metadata(bucket: Bucket) -> Outcome {
    let put = bucket.client.put_object().bucket(&bucket.name).key("from");
    let put = put.metadata("a", "1").content_type("text/plain");
    put.body(ByteStream::from_static(b"bytes")).send().await?;
    let copy = |key: &str| {
        let copy = bucket.client.copy_object().bucket(&bucket.name).key(key);
        copy.copy_source(format!("{}/from", bucket.name))
    };
    copy("same").send().await?;
    let replaced = copy("other").metadata_directive(MetadataDirective::Replace);
    replaced.metadata("b", "2").send().await?;
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("same")
        .send()
        .await?;
    ensure_eq!(got.content_type(), Some("text/plain"), "copied type");
    ensure_eq!(
        got.metadata().and_then(|m| m.get("a")).map(String::as_str),
        Some("1"),
        "metadata"
    );
    ensure_eq!(got.body.collect().await?.to_vec(), b"bytes", "bytes");
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("other")
        .send()
        .await?;
    let names: Vec<&String> = head.metadata().into_iter().flat_map(|m| m.keys()).collect();
    ensure_eq!(names, ["b"], "replaced metadata");
    bucket
        .client
        .delete_object()
        .bucket(&bucket.name)
        .key("from")
        .send()
        .await?;
    ensure_eq!(
        bucket.get("other").await?,
        b"bytes",
        "a copy whose source is gone"
    );
    Ok(())
}

pub(super) async fn an_empty_object_is_an_object(bucket: Bucket) -> Outcome {
    bucket.put("k", "").await?;
    ensure_eq!(bucket.get("k").await?, b"", "bytes");
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    ensure_eq!(head.content_length(), Some(0), "length");
    Ok(())
}

pub(super) async fn a_large_object_is_streamed_intact(bucket: Bucket) -> Outcome {
    let bytes: Vec<u8> = (0..9_000_001_u32).map(|i| (i % 251) as u8).collect();
    bucket.put("k", bytes.clone()).await?;
    ensure!(bucket.get("k").await? == bytes, "the bytes differ");
    let get = bucket.client.get_object().bucket(&bucket.name).key("k");
    let part = get
        .range("bytes=3000000-8999999")
        .send()
        .await?
        .body
        .collect()
        .await?;
    ensure!(
        part.to_vec() == bytes[3_000_000..9_000_000],
        "the range differs"
    );
    Ok(())
}

pub(super) async fn unchanged_objects_are_not_sent_again(bucket: Bucket) -> Outcome {
    bucket.put("k", "x").await?;
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    let etag = head.e_tag().unwrap_or_default().to_owned();
    let get = || bucket.client.get_object().bucket(&bucket.name).key("k");
    let unchanged = get().if_none_match(&etag).send().await;
    ensure_eq!(status(&unchanged), 304, "If-None-Match");
    get().if_match(&etag).send().await?;
    let other = get()
        .if_match("\"00000000000000000000000000000000\"")
        .send()
        .await;
    ensure_eq!(status(&other), 412, "If-Match");
    Ok(())
}
