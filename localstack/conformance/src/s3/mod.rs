//! S3: objects, conditions, listings, uploads in parts, presigned URLs.

mod bucket;
mod keys;
mod listings;
mod objects;
mod presigned;
mod uploads;
mod writes;

pub use bucket::Bucket;

use crate::Case;
use crate::case::cases;

/// All cases.
pub fn cases() -> Vec<Case<Bucket>> {
    cases![
        listings::a_listing_pages_in_byte_order,
        listings::a_delimiter_folds_common_prefixes,
        listings::a_listing_starts_after_a_key,
        listings::folded_prefixes_count_and_page,
        objects::an_object_comes_back_with_its_metadata,
        objects::an_object_is_replaced_as_a_whole,
        objects::a_missing_object_says_so,
        objects::a_missing_bucket_says_so,
        objects::ranges_return_their_bytes,
        objects::a_range_beyond_the_end_is_refused,
        keys::odd_keys_are_just_names,
        keys::a_key_of_1024_bytes_is_taken_and_a_longer_one_refused,
        objects::deleting_twice_is_no_error,
        objects::many_are_deleted_at_once,
        objects::a_copy_has_bytes_and_metadata,
        objects::an_empty_object_is_an_object,
        objects::a_large_object_is_streamed_intact,
        objects::unchanged_objects_are_not_sent_again,
        writes::of_10_racers_one_creates,
        writes::if_match_replaces_only_what_was_seen,
        writes::a_wrong_md5_leaves_the_old_object,
        writes::a_wrong_checksum_leaves_the_old_object,
        writes::a_checksum_comes_back_when_asked,
        writes::a_full_bucket_is_not_deleted,
        presigned::a_presigned_get_needs_no_credentials,
        presigned::a_presigned_put_stores,
        presigned::a_changed_signature_is_forbidden,
        presigned::a_changed_key_is_forbidden,
        presigned::a_request_without_signature_is_forbidden,
        presigned::a_presigned_get_may_name_the_download,
        uploads::parts_become_one_object,
        uploads::an_aborted_upload_leaves_nothing,
        uploads::a_small_part_in_the_middle_is_refused,
        uploads::a_wrong_etag_or_order_is_refused,
        uploads::a_part_sent_again_replaces_the_first,
        uploads::an_unfinished_upload_is_invisible,
    ]
}
