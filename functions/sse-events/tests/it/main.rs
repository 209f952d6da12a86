//! Live streams through the real router.

mod daemons;
mod frames;
mod live;
mod personal;
mod refusals;
mod resume;
