//! What becomes of running batches, over embedded engines and a clock that is turned by hand.

mod failures;
mod heartbeat;
mod idle;
mod links;
mod losses;
mod replay;
mod reruns;
mod silence;
mod stage;
mod thresholds;
mod walks;
