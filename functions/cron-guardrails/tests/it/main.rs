//! What becomes of running batches, over embedded engines and a clock that is turned by hand.
