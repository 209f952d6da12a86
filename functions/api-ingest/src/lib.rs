//! What reporters post and poll: events one by one or in batches, and "shall I stop?".
//!
//! A request is folded, then written. All requests that arrive for one batch while an earlier
//! write is under way are folded together, so a burst costs a handful of writes. Nothing is
//! answered 200 before it is stored. Reading order: [`intake`] (text to events; [`encoded`]: what it was compressed with), [`deliver`] (to their batches), [`writer`] (who
//! writes when), [`segment`] (in which order and why), [`plan`] (what), [`commit`] (the writes).

mod commit;
mod deliver;
mod encoded;
mod frame;
mod intake;
mod plan;
mod post_batch;
mod post_event;
mod segment;
mod sightings;
mod slot;
mod spill_progress;
mod spill_ticket;
mod state;
mod stop_requested;
pub mod unpack;
mod verdict;
mod writer;

use axum::Extension;
use axum::middleware::map_response;
use std::sync::Arc;
use utoipa_axum::routes;
use web::Routes;

pub use deliver::{Delivered, deliver};
pub use intake::{Posted, read_json};
pub use state::Intake;
pub use verdict::Verdict;

/// The routes of this function.
pub fn routes() -> Routes {
    routes_over(Arc::default())
}

/// The routes over an intake that others deliver to as well: within a process there must be only
/// one, because it remembers what is stored.
pub fn routes_over(intake: Arc<Intake>) -> Routes {
    Routes::new()
        .routes(routes!(post_event::post_event))
        .routes(routes!(post_batch::post_events_batch))
        .layer(map_response(encoded::offer))
        .routes(routes!(stop_requested::stop_requested))
        .routes(routes!(spill_ticket::begin_spill))
        .routes(routes!(spill_progress::spill_progress))
        .layer(Extension(intake))
}
