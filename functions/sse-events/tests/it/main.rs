//! Live streams through the real router.

mod frames;
mod live;
mod refusals;
mod resume;
