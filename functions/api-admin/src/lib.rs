//! What administrators do to the whole installation.

mod audit_log;
mod backup;
mod bulk_delete;
mod change_settings;
mod costs;
pub mod demo;
mod health;
mod outbox;
mod publish;
mod retention;
mod session_keys;
mod smtp;
mod standing;
mod system_config;
mod templates;
mod unlock;
mod users;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(session_keys::show_status))
        .routes(routes!(session_keys::rotate))
        .routes(routes!(session_keys::rotate_short))
        .routes(routes!(users::list_users))
        .routes(routes!(standing::ban))
        .routes(routes!(standing::unban))
        .routes(routes!(standing::promote))
        .routes(routes!(standing::demote))
        .routes(routes!(unlock::unlock))
        .routes(routes!(unlock::send_password_reset))
        .routes(routes!(system_config::show_all))
        .routes(routes!(system_config::show_group))
        .routes(routes!(system_config::set, system_config::unset))
        .routes(routes!(system_config::list_flags))
        .routes(routes!(system_config::set_flag))
        .routes(routes!(smtp::show_smtp, smtp::save_smtp))
        .routes(routes!(smtp::test_smtp))
        .routes(routes!(outbox::stats))
        .routes(routes!(outbox::dead_letters))
        .routes(routes!(outbox::retry))
        .routes(routes!(outbox::discard))
        .routes(routes!(templates::list_templates))
        .routes(routes!(templates::show_template, templates::edit_template))
        .routes(routes!(templates::preview))
        .routes(routes!(templates::reset_template))
        .routes(routes!(audit_log::list_audit))
        .routes(routes!(audit_log::export_audit))
        .routes(routes!(publish::publish))
        .routes(routes!(publish::unpublish))
        .routes(routes!(publish::list_published))
        .routes(routes!(health::show_health))
        .routes(routes!(health::ready))
        .routes(routes!(costs::show_costs))
        .routes(routes!(retention::status))
        .routes(routes!(demo::reset_demo))
        .routes(routes!(bulk_delete::bulk_delete_projects))
        .routes(routes!(bulk_delete::bulk_delete_hosts))
        .routes(routes!(retention::sweep_now))
        .routes(routes!(retention::preview_sweep))
        .routes(routes!(backup::backup_status))
}
