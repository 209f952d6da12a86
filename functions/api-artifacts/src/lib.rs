//! Files beside batches and jobs: plots, reports, checkpoints.
//!
//! Small files come and go through the function, as the public reporter sends them; large ones go
//! straight to the bucket with a ticket. A file may overtake the event that starts its job: it is
//! parked under its uploader then and settles as soon as the job is known. Reading order:
//! [`place`] (where an upload belongs), [`upload`], [`visible`], [`download`].

mod begin_upload;
mod bytes_range;
mod download;
mod finish_upload;
mod form;
mod keep;
mod list;
mod place;
mod remove;
mod upload;
mod url;
mod view;
mod visible;

use axum::Extension;
use std::sync::Arc;
use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(upload::upload_to_job))
        .routes(routes!(list::list_job_artifacts))
        .routes(routes!(upload::upload_to_batch))
        .routes(routes!(list::list_batch_artifacts))
        .routes(routes!(begin_upload::begin_upload))
        .routes(routes!(finish_upload::finish_upload))
        .routes(routes!(download::download_artifact))
        .routes(routes!(remove::delete_artifact))
        .routes(routes!(url::artifact_url))
        .layer(Extension(Arc::new(form::Memory::default())))
}
