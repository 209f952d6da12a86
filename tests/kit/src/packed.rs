//! Compressed bodies and files.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Compressed with gzip.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("written");
    encoder.finish().expect("finished")
}

/// Compressed with zstd, a stream of unknown length.
pub fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 1).expect("compressed")
}
