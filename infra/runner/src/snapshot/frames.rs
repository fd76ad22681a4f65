//! A compressed file in many frames, each of which unpacks without the ones before it.
//!
//! All of it unpacks as one. Frames end between two entries of the archive only, so that
//! each entry lies in one.

use std::io::{self, Write};

use domain::limits::SNAPSHOT_FRAME_BYTES;
use zstd::Encoder;

/// How far a file has been written.
pub(super) trait Position {
    fn position(&self) -> u64;
}

/// Compresses what is written to it.
pub(super) struct Frames<W: Write> {
    /// None after an error alone.
    encoder: Option<Encoder<'static, W>>,
    level: i32,
    begin: u64,
    unpacked: u64,
}

impl<W: Write + Position> Frames<W> {
    pub(super) fn new(file: W, level: i32) -> io::Result<Self> {
        let begin = file.position();
        Ok(Self { encoder: Some(encoder(file, level)?), level, begin, unpacked: 0 })
    }

    /// Where in the file the present frame begins.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    /// Bytes that the present frame unpacks to, so far.
    pub(super) fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// Between two entries: begins the next frame when the present one is large.
    pub(super) fn cut_if_full(&mut self) -> io::Result<()> {
        if self.unpacked < SNAPSHOT_FRAME_BYTES {
            return Ok(());
        }
        let file = self.taken()?.finish()?;
        *self = Self::new(file, self.level)?;
        Ok(())
    }

    /// The file, all written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.taken()?.finish()
    }

    fn taken(&mut self) -> io::Result<Encoder<'static, W>> {
        self.encoder.take().ok_or_else(|| io::Error::other("written to after an error"))
    }
}

impl<W: Write> Write for Frames<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let encoder = self.encoder.as_mut().ok_or_else(|| io::Error::other("written to after an error"))?;
        let written = encoder.write(bytes)?;
        self.unpacked += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.as_mut().map_or(Ok(()), Encoder::flush)
    }
}

fn encoder<W: Write>(file: W, level: i32) -> io::Result<Encoder<'static, W>> {
    let mut encoder = Encoder::new(file, level)?;
    // So that damage is noticed when it is read.
    encoder.include_checksum(true)?;
    Ok(encoder)
}
