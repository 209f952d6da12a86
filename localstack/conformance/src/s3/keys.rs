//! Names of objects: bytes, not paths.

use aws_sdk_s3::primitives::ByteStream;

use super::bucket::{Bucket, code};
use crate::Outcome;
use crate::case::ensure_eq;

pub(super) async fn odd_keys_are_just_names(bucket: Bucket) -> Outcome {
    let keys = [
        "a",
        "a/b",
        "a//b",
        "x/",
        "../up",
        "a/../../b",
        ".hidden",
        "with space + plus %41 & ? # = ; , : @ $",
        "grüße/日本/🙂",
        "quote'\"<>&.txt",
        "tab\tkey",
        "~/!*()",
    ];
    for key in keys {
        bucket.put(key, key).await?;
    }
    for key in keys {
        ensure_eq!(bucket.get(key).await?, key.as_bytes(), "bytes");
    }
    let listed = bucket
        .client
        .list_objects_v2()
        .bucket(&bucket.name)
        .send()
        .await?;
    let mut names: Vec<&str> = listed.contents().iter().filter_map(|o| o.key()).collect();
    let mut expected = keys.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    ensure_eq!(names, expected, "listed keys");
    bucket
        .client
        .delete_object()
        .bucket(&bucket.name)
        .key("a/b")
        .send()
        .await?;
    ensure_eq!(
        bucket.get("a//b").await?,
        b"a//b",
        "the neighbour of a deleted key"
    );
    Ok(())
}

pub(super) async fn a_key_of_1024_bytes_is_taken_and_a_longer_one_refused(
    bucket: Bucket,
) -> Outcome {
    let longest = "k".repeat(1024);
    bucket.put(&longest, "x").await?;
    ensure_eq!(bucket.get(&longest).await?, b"x", "bytes");
    let put = bucket
        .client
        .put_object()
        .bucket(&bucket.name)
        .key("k".repeat(1025));
    let refused = put.body(ByteStream::from_static(b"x")).send().await;
    ensure_eq!(code(&refused), "KeyTooLongError", "a longer key");
    Ok(())
}
