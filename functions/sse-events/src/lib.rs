//! Live streams: one connection, many channels, resumable.
//!
//! Every frame carries an `id:` that says how far each followed feed was told; a client that
//! comes back with it gets exactly what it missed. Reading order: [`channel`] (what can be
//! followed), [`cursor`] (what an id means), [`follower`] (how a feed is followed), [`live`]
//! (how followers become frames), [`daemons`] (what no feed speaks of), [`stream`] (how frames
//! become one response).

mod channel;
mod cursor;
mod daemons;
mod follower;
mod frame;
mod live;
mod personal;
mod roster;
mod stream;
mod subscribe;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new().routes(routes!(subscribe::subscribe))
}
