//! What people keep for themselves: API tokens, pins, stars, preferences, channels, notifications;
//! and the channels of projects, which are the same thing.
//!
//! Tokens need a browser session, so that a token cannot make tokens.

mod archive;
mod batch_mails;
mod channels;
mod close;
mod create;
mod export;
mod length;
mod list;
mod mail_schedule;
mod notifications;
mod pins;
mod preferences;
mod revoke;
mod stars;
mod subscriptions;
mod unsubscribe;
mod view;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list_tokens))
        .routes(routes!(create::create_token))
        .routes(routes!(revoke::revoke_token))
        .routes(routes!(pins::list_pins, pins::create_pin))
        .routes(routes!(pins::delete_pin))
        .routes(routes!(stars::list_stars, stars::create_star))
        .routes(routes!(stars::delete_star))
        .routes(routes!(
            preferences::show_preferences,
            preferences::update_preferences
        ))
        .routes(routes!(close::close_account))
        .routes(routes!(export::export_account))
        .merge(channels::routes())
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(notifications::mark_all_read))
        .routes(routes!(notifications::ack_notification))
        .routes(routes!(notifications::delete_notification))
        .routes(routes!(
            subscriptions::show_prefs,
            subscriptions::update_prefs
        ))
        .routes(routes!(
            subscriptions::list_subscriptions,
            subscriptions::update_subscriptions
        ))
        .routes(routes!(
            batch_mails::show_batch_mails,
            batch_mails::set_batch_mails,
            batch_mails::delete_batch_mails
        ))
        .routes(routes!(
            unsubscribe::unsubscribe,
            unsubscribe::unsubscribe_one_click
        ))
        .routes(routes!(
            unsubscribe::unsubscribe_recipient,
            unsubscribe::unsubscribe_recipient_one_click
        ))
        .routes(routes!(
            mail_schedule::show_schedule,
            mail_schedule::set_schedule
        ))
}
