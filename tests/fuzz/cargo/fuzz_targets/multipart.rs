//! Forms with files.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| argus_fuzz::targets::multipart(data));
