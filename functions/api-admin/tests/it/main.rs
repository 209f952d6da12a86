//! What administrators do, through the real router.

mod bulk;
mod demo;
mod ingest_limits;
mod mails;
mod overview;
mod session_keys;
mod settings;
mod users;

use domain::account::User;
use test_kit::{Actor, TestApp};

fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_auth::routes())
        .merge(api_admin::routes())
}

/// An administrator and their browser.
async fn admin_of(app: &TestApp) -> (User, Actor) {
    let root = app.user("root", true).await;
    let admin = app.session(&root).await;
    (root, admin)
}
