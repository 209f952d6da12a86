//! Bodies of event posts.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| argus_fuzz::targets::events(data));
