//! Decompression, a bounded piece at a time: of files of events, and of request bodies.

use bytes::{Buf, Bytes};
use domain::spill::Encoding;
use flate2::write::MultiGzDecoder;
use std::io::{self, ErrorKind, Write};
use zstd::stream::raw::{DParameter, Decoder, Operation};

/// Compressed bytes given to gzip at once: it grows its input a thousandfold at most.
const GZIP_PIECE: usize = 4 * 1024;
/// Bytes taken from zstd at once, whatever its input would grow to.
const ZSTD_PIECE: usize = 128 * 1024;
/// Base-2 logarithm of the largest zstd window of a request body, 8 MiB as RFC 9659 has it: a frame
/// may ask for more memory than a small function has.
const BODY_WINDOW_LOG: u32 = 23;

/// A decompressor.
pub enum Unpacker {
    /// Bytes as they are.
    Plain,
    /// gzip, also several after another.
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// zstd, also several frames after another.
    Zstd {
        /// State.
        decoder: Decoder<'static>,
        /// A frame has begun and not ended.
        within_frame: bool,
        /// It has more to say without further input.
        holds_back: bool,
    },
}

impl Unpacker {
    /// A fresh one for a file.
    ///
    /// # Errors
    /// No memory for its state.
    pub fn new(encoding: Encoding) -> io::Result<Self> {
        Ok(match encoding {
            Encoding::Plain => Self::Plain,
            Encoding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Encoding::Zstd => Self::Zstd {
                decoder: Decoder::new()?,
                within_frame: false,
                holds_back: false,
            },
        })
    }

    /// A fresh one for a request body, of which anybody may send many at once.
    ///
    /// # Errors
    /// As [`Unpacker::new`].
    pub fn of_body(encoding: Encoding) -> io::Result<Self> {
        let mut unpacker = Self::new(encoding)?;
        if let Self::Zstd { decoder, .. } = &mut unpacker {
            decoder.set_parameter(DParameter::WindowLogMax(BODY_WINDOW_LOG))?;
        }
        Ok(unpacker)
    }

    /// Whether [`Unpacker::step`] has something to do without further input.
    pub fn holds_back(&self) -> bool {
        matches!(
            self,
            Self::Zstd {
                holds_back: true,
                ..
            }
        )
    }

    /// Takes some of `input` and adds what becomes of it to `out`, a few megabytes at most.
    ///
    /// # Errors
    /// The input is not what it claims to be.
    pub fn step(&mut self, input: &mut Bytes, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Plain => {
                out.extend_from_slice(input);
                input.clear();
            }
            Self::Gzip(decoder) => {
                let piece = input.split_to(input.len().min(GZIP_PIECE));
                decoder.write_all(&piece)?;
                out.append(decoder.get_mut());
            }
            Self::Zstd {
                decoder,
                within_frame,
                holds_back,
            } => {
                let mut piece = vec![0; ZSTD_PIECE];
                let status = decoder.run_on_buffers(input, &mut piece)?;
                input.advance(status.bytes_read);
                out.extend_from_slice(&piece[..status.bytes_written]);
                *within_frame = status.remaining != 0;
                *holds_back = *within_frame && status.bytes_written == piece.len();
            }
        }
        Ok(())
    }

    /// Checks that the input ended where it may.
    ///
    /// # Errors
    /// There should have been more.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Zstd {
                within_frame: true, ..
            } => Err(ErrorKind::UnexpectedEof.into()),
            Self::Gzip(decoder) => {
                let ended = decoder.try_finish();
                out.append(decoder.get_mut());
                ended
            }
            _ => Ok(()),
        }
    }
}
