//! What administrators do, through the real router.

mod session_keys;
