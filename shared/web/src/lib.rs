//! The edge: extractors, errors, middleware, OpenAPI, and the two ways to serve.
//!
//! A function exposes `routes()`; [`finish`] turns any set of routes into the service that
//! Lambda, the local server and the tests all run, so no stack differs.

pub mod agent;
pub mod body;
pub mod bulk;
pub mod caller;
pub mod change;
pub mod csv;
pub mod error;
pub mod etag;
pub mod fields;
mod front_door;
pub mod known_hosts;
pub mod membership;
pub mod middleware;
pub mod nonfinite;
pub mod orders;
pub mod page;
pub mod params;
pub mod quota;
pub mod rate;
pub mod restore;
pub mod serve;
pub mod sight;
pub mod snapshots;
mod tally;
pub mod trail;
pub mod usage;
pub mod visible;
pub mod watchdogs;

pub use agent::AgentCaller;
pub use body::Body;
pub use caller::{
    Admin, AnyCaller, Caller, ClientInfo, Reporter, RunCaller, RunReporter, SessionCaller,
    StreamCaller, Viewer, Visitor,
};
pub use error::{ApiError, ApiResult, Invalid, RequestId};
pub use middleware::{document, finish, finish_with};
pub use params::{Params, PathParams};
pub use serve::{serve, serve_streaming};
pub use sight::{Scope, Sight};
pub use trail::{Deed, Doer};
pub use utoipa::openapi::OpenApi;

use runtime::Services;

/// Routes of a function, with their OpenAPI description.
pub type Routes = utoipa_axum::router::OpenApiRouter<Services>;

/// State extractor for handlers.
pub type App = axum::extract::State<Services>;
