//! Counts what answering takes, as it will be billed.

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use runtime::Services;
use std::time::Instant;

/// Around everything: the answer is counted, and now and then the sum is written.
pub(crate) async fn tally(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    let bytes = response.body().size_hint().exact().unwrap_or(0);
    services.store.spending.answered(begun.elapsed(), bytes);
    services.save_spending().await;
    response
}
