//! Retention over the whole system, with a clock that is turned by hand.

mod days;
mod faults;
mod purge;
mod stage;
mod tidy;
