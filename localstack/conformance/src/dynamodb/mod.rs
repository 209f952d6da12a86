//! DynamoDB: conditional writes, updates, transactions, queries, indexes, batches, limits.

mod batches;
mod conditions;
mod indexes;
mod items;
mod limits;
mod queries;
mod table;
mod transactions;
mod updates;

pub use table::Table;

use crate::Case;
use crate::case::cases;

/// All cases.
pub fn cases() -> Vec<Case<Table>> {
    cases![
        batches::a_batch_write_of_25_is_taken_and_26_refused,
        batches::a_batch_write_naming_an_item_twice_is_refused,
        batches::a_batch_get_of_100_is_taken_and_101_refused,
        batches::a_batch_get_over_16_mb_hands_back_keys,
        batches::a_batch_get_leaves_out_what_is_missing,
        conditions::of_20_racers_one_creates,
        conditions::a_failed_condition_shows_the_old_item_when_asked,
        conditions::a_version_check_keeps_one_of_two_updates,
        conditions::a_conditional_delete_spares_the_other,
        indexes::an_index_pages_through_ties_without_loss,
        indexes::an_index_is_sparse,
        indexes::a_keys_only_index_projects_keys,
        indexes::an_index_refuses_consistent_reads,
        indexes::an_item_moves_in_the_index_when_its_attribute_changes,
        items::all_types_come_back_as_they_were_put,
        items::numbers_to_2_53_are_exact,
        items::an_empty_text_is_a_value_but_not_a_key,
        items::the_old_item_is_returned_when_asked,
        items::capacity_is_reported_when_asked,
        items::reading_from_a_missing_table_says_so,
        limits::an_item_of_400_kb_is_taken_and_a_larger_one_refused,
        limits::keys_have_a_largest_size,
        limits::the_ttl_attribute_is_defined_and_described,
        queries::sort_keys_are_ordered_by_bytes,
        queries::begins_with_and_between_select,
        queries::a_prefix_is_no_pattern,
        queries::pages_forward_and_backward_meet_every_item_once,
        queries::a_filter_counts_after_the_limit,
        queries::a_page_ends_at_1_mb,
        queries::a_projection_returns_only_what_it_names,
        queries::a_count_returns_no_items,
        transactions::a_failed_transaction_changes_nothing_and_says_where,
        transactions::a_reason_shows_the_old_item_when_asked,
        transactions::a_condition_check_guards_other_writes,
        transactions::a_repeated_token_applies_once,
        transactions::a_transaction_naming_an_item_twice_is_refused,
        transactions::a_transaction_of_100_is_taken_and_101_refused,
        transactions::a_transactional_read_is_in_order,
        transactions::of_20_racing_transactions_one_wins,
        updates::set_add_remove_in_one_update,
        updates::if_not_exists_keeps_the_first_value,
        updates::concurrent_adds_lose_nothing,
        updates::an_update_makes_the_item_it_misses,
        updates::returned_values_are_the_ones_asked_for,
        updates::sets_and_lists_grow_and_shrink,
        updates::nested_paths_and_reserved_words_need_names,
    ]
}
