//! Uploads in parts.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use super::bucket::{Bucket, code};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

/// The least a part may have, the last one excepted.
const PART: usize = 5 << 20;

struct Upload<'a> {
    bucket: &'a Bucket,
    id: String,
}

impl<'a> Upload<'a> {
    async fn begin(bucket: &'a Bucket) -> Result<Self, Failure> {
        let begin = bucket
            .client
            .create_multipart_upload()
            .bucket(&bucket.name)
            .key("k");
        let begun = begin
            .content_type("text/plain")
            .metadata("a", "1")
            .send()
            .await?;
        let id = begun.upload_id().unwrap_or_default().to_owned();
        Ok(Self { bucket, id })
    }

    async fn part(&self, number: i32, body: Vec<u8>) -> Result<CompletedPart, Failure> {
        let part = self
            .bucket
            .client
            .upload_part()
            .bucket(&self.bucket.name)
            .key("k");
        let part = part.upload_id(&self.id).part_number(number);
        let sent = part.body(ByteStream::from(body)).send().await?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
            .build())
    }

    /// The code of the answer; empty for success.
    async fn complete(&self, parts: Vec<CompletedPart>) -> String {
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        let complete = self
            .bucket
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket.name);
        let complete = complete
            .key("k")
            .upload_id(&self.id)
            .multipart_upload(parts);
        code(&complete.send().await).to_owned()
    }
}

pub(super) async fn parts_become_one_object(bucket: Bucket) -> Outcome {
    let upload = Upload::begin(&bucket).await?;
    let last = upload.part(7, b"end".to_vec()).await?;
    let first = upload.part(2, vec![b'a'; PART]).await?;
    let listed = bucket.client.list_parts().bucket(&bucket.name).key("k");
    let listed = listed.upload_id(&upload.id).send().await?;
    let numbers: Vec<i32> = listed
        .parts()
        .iter()
        .filter_map(|p| p.part_number())
        .collect();
    ensure_eq!(numbers, [2, 7], "listed parts");
    ensure_eq!(upload.complete(vec![first, last]).await, "", "complete");
    let got = bucket
        .client
        .get_object()
        .bucket(&bucket.name)
        .key("k")
        .send()
        .await?;
    ensure_eq!(got.content_type(), Some("text/plain"), "type");
    ensure!(
        got.e_tag().is_some_and(|tag| tag.ends_with("-2\"")),
        "tag {:?}",
        got.e_tag()
    );
    let bytes = got.body.collect().await?.to_vec();
    ensure_eq!(bytes.len(), PART + 3, "length");
    ensure!(bytes.ends_with(b"aend"), "the parts are in a wrong order");
    Ok(())
}

pub(super) async fn an_aborted_upload_leaves_nothing(bucket: Bucket) -> Outcome {
    let upload = Upload::begin(&bucket).await?;
    let part = upload.part(1, b"x".to_vec()).await?;
    let abort = bucket
        .client
        .abort_multipart_upload()
        .bucket(&bucket.name)
        .key("k");
    abort.upload_id(&upload.id).send().await?;
    ensure_eq!(
        upload.complete(vec![part]).await,
        "NoSuchUpload",
        "complete"
    );
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

pub(super) async fn a_small_part_in_the_middle_is_refused(bucket: Bucket) -> Outcome {
    let upload = Upload::begin(&bucket).await?;
    let parts = vec![
        upload.part(1, b"x".to_vec()).await?,
        upload.part(2, b"y".to_vec()).await?,
    ];
    ensure_eq!(upload.complete(parts).await, "EntityTooSmall", "complete");
    Ok(())
}

pub(super) async fn a_wrong_etag_or_order_is_refused(bucket: Bucket) -> Outcome {
    let upload = Upload::begin(&bucket).await?;
    let first = upload.part(1, vec![b'a'; PART]).await?;
    let second = upload.part(2, b"b".to_vec()).await?;
    let wrong = CompletedPart::builder()
        .part_number(2)
        .e_tag("\"0123456789abcdef\"")
        .build();
    ensure_eq!(
        upload.complete(vec![first.clone(), wrong]).await,
        "InvalidPart",
        "wrong tag"
    );
    let swapped = vec![second.clone(), first.clone()];
    ensure_eq!(
        upload.complete(swapped).await,
        "InvalidPartOrder",
        "wrong order"
    );
    ensure_eq!(upload.complete(vec![first, second]).await, "", "complete");
    Ok(())
}

pub(super) async fn a_part_sent_again_replaces_the_first(bucket: Bucket) -> Outcome {
    let upload = Upload::begin(&bucket).await?;
    upload.part(1, b"first".to_vec()).await?;
    let again = upload.part(1, b"again".to_vec()).await?;
    ensure_eq!(upload.complete(vec![again]).await, "", "complete");
    ensure_eq!(bucket.get("k").await?, b"again", "bytes");
    Ok(())
}

pub(super) async fn an_unfinished_upload_is_invisible(bucket: Bucket) -> Outcome {
    bucket.put("k", "old").await?;
    let upload = Upload::begin(&bucket).await?;
    let part = upload.part(1, b"new".to_vec()).await?;
    ensure_eq!(bucket.get("k").await?, b"old", "bytes before");
    let open = bucket
        .client
        .list_multipart_uploads()
        .bucket(&bucket.name)
        .send()
        .await?;
    let ids: Vec<&str> = open
        .uploads()
        .iter()
        .filter_map(|u| u.upload_id())
        .collect();
    ensure_eq!(ids, [upload.id.as_str()], "open uploads");
    ensure_eq!(upload.complete(vec![part]).await, "", "complete");
    ensure_eq!(bucket.get("k").await?, b"new", "bytes after");
    Ok(())
}
