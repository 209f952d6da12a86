//! Listings.

use super::bucket::Bucket;
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

/// Keys and common prefixes over all pages, and the size of the largest page.
async fn list(
    bucket: &Bucket,
    prefix: &str,
    delimiter: Option<&str>,
    page: i32,
) -> Result<(Vec<String>, Vec<String>, usize), Failure> {
    let (mut keys, mut prefixes, mut largest) = (Vec::new(), Vec::new(), 0);
    let mut token: Option<String> = None;
    loop {
        let list = bucket
            .client
            .list_objects_v2()
            .bucket(&bucket.name)
            .prefix(prefix);
        let list = list
            .set_delimiter(delimiter.map(str::to_owned))
            .max_keys(page);
        let listed = list.set_continuation_token(token).send().await?;
        let of_page = listed.contents().len() + listed.common_prefixes().len();
        largest = largest.max(of_page);
        let key = |object: &aws_sdk_s3::types::Object| object.key().map(str::to_owned);
        keys.extend(listed.contents().iter().filter_map(key));
        let common = listed.common_prefixes().iter();
        prefixes.extend(common.filter_map(|p| p.prefix().map(str::to_owned)));
        token = listed.next_continuation_token().map(str::to_owned);
        if listed.is_truncated() != Some(true) {
            return Ok((keys, prefixes, largest));
        }
    }
}

pub(super) async fn a_listing_pages_in_byte_order(bucket: Bucket) -> Outcome {
    let mut expected: Vec<String> = (0..23).map(|i| format!("k{i:02}")).collect();
    expected.extend([
        "B".into(),
        "a".into(),
        "é".into(),
        "k1".into(),
        "z/1".into(),
    ]);
    for key in &expected {
        bucket.put(key, "x").await?;
    }
    expected.sort();
    let (keys, _, largest) = list(&bucket, "", None, 5).await?;
    ensure_eq!(keys, expected, "keys over all pages");
    ensure!(largest <= 5, "a page has {largest} entries");
    let (keys, ..) = list(&bucket, "k1", None, 1000).await?;
    ensure_eq!(keys.len(), 11, "keys with the prefix");
    Ok(())
}

pub(super) async fn a_delimiter_folds_common_prefixes(bucket: Bucket) -> Outcome {
    for key in ["a", "b/1", "b/2", "b/c/3", "b0", "d/", "e/f/g"] {
        bucket.put(key, "x").await?;
    }
    let (keys, prefixes, _) = list(&bucket, "", Some("/"), 1000).await?;
    ensure_eq!(keys, ["a", "b0"], "keys");
    ensure_eq!(prefixes, ["b/", "d/", "e/"], "prefixes");
    let (keys, prefixes, _) = list(&bucket, "b/", Some("/"), 1000).await?;
    ensure_eq!(keys, ["b/1", "b/2"], "keys below b/");
    ensure_eq!(prefixes, ["b/c/"], "prefixes below b/");
    Ok(())
}

pub(super) async fn a_listing_starts_after_a_key(bucket: Bucket) -> Outcome {
    for key in ["a", "b", "b0", "c"] {
        bucket.put(key, "x").await?;
    }
    let list = bucket.client.list_objects_v2().bucket(&bucket.name);
    let listed = list.start_after("b").send().await?;
    let keys: Vec<&str> = listed.contents().iter().filter_map(|o| o.key()).collect();
    ensure_eq!(keys, ["b0", "c"], "keys");
    ensure!(
        listed.contents().iter().all(|o| o.e_tag().is_some()),
        "an entity tag is missing"
    );
    ensure!(
        listed.contents().iter().all(|o| o.size() == Some(1)),
        "a size is wrong"
    );
    Ok(())
}

pub(super) async fn folded_prefixes_count_and_page(bucket: Bucket) -> Outcome {
    for folder in 0..6 {
        for file in 0..3 {
            bucket.put(&format!("f{folder}/{file}"), "x").await?;
        }
    }
    let (keys, prefixes, largest) = list(&bucket, "", Some("/"), 2).await?;
    ensure!(keys.is_empty(), "keys outside of folders: {keys:?}");
    ensure_eq!(
        prefixes,
        ["f0/", "f1/", "f2/", "f3/", "f4/", "f5/"],
        "prefixes over all pages"
    );
    ensure!(largest <= 2, "a page has {largest} entries");
    Ok(())
}
