//! Sharing: batches and whole projects with people, batches with whoever has a link.
//!
//! What is given here is read elsewhere: [`web::sight`] decides what it opens.

mod batch_shares;
mod grantee;
mod project_shares;
mod public_links;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(
            batch_shares::list_batch_shares,
            batch_shares::share_batch
        ))
        .routes(routes!(batch_shares::unshare_batch))
        .routes(routes!(
            project_shares::list_project_shares,
            project_shares::share_project
        ))
        .routes(routes!(project_shares::unshare_project))
        .routes(routes!(public_links::create_link))
        .routes(routes!(public_links::list_links))
        .routes(routes!(public_links::revoke_link))
        .routes(routes!(public_links::my_links))
}
