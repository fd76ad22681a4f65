//! Makes a snapshot: the folders as a compressed archive in a temporary file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;
use std::thread::sleep;

use domain::limits::SNAPSHOT_BYTES_MAX;
use tar::{Builder, EntryType, Header};
use tempfile::NamedTempFile;
use zstd::Encoder;

use super::tree::{Entry, Fingerprint, Roots, passable, walk};
use crate::limits::{QUIET_PAUSE, QUIET_ROUNDS, SNAPSHOT_LEVEL, UNPACKED_BYTES_MAX};

/// A snapshot that is made; its file goes away with it.
#[derive(Clone)]
pub(super) struct Packed {
    pub(super) number: u64,
    pub(super) file: Arc<NamedTempFile>,
    pub(super) bytes: u64,
    pub(super) fingerprint: Fingerprint,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the workspace is too large to be kept")]
    TooLarge,
    #[error("the agent's data did not come to rest")]
    Restless,
    #[error("the snapshot could not be made: {0}")]
    Failed(String),
}

impl From<io::Error> for PackError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Packs the folders; `None` when they are as they were when `last` was taken.
pub(super) fn pack(roots: &Roots, number: u64, last: Option<Fingerprint>) -> Result<Option<Packed>, PackError> {
    for _ in 0..QUIET_ROUNDS {
        let fingerprint = Fingerprint::of(roots.folders())?;
        if last == Some(fingerprint) {
            return Ok(None);
        }
        if fingerprint.bytes > UNPACKED_BYTES_MAX {
            return Err(PackError::TooLarge);
        }
        let before = Fingerprint::of(roots.memory())?;
        let (file, bytes) = write(roots, SNAPSHOT_BYTES_MAX)?;
        // A database that was written to while it was read may be torn: OpenCode has some last
        // words after each turn.
        if before == Fingerprint::of(roots.memory())? {
            return Ok(Some(Packed { number, file: Arc::new(file), bytes, fingerprint }));
        }
        sleep(QUIET_PAUSE);
    }
    Err(PackError::Restless)
}

/// Writes the archive; its size.
pub(super) fn write(roots: &Roots, bytes_max: u64) -> io::Result<(NamedTempFile, u64)> {
    let file = NamedTempFile::new()?;
    let mut encoder = Encoder::new(Capped { file: BufWriter::new(file.reopen()?), left: bytes_max }, SNAPSHOT_LEVEL)?;
    // So that damage is noticed when it is read.
    encoder.include_checksum(true)?;
    let mut archive = Builder::new(encoder);
    walk(roots.folders(), |entry| add(&mut archive, entry))?;
    let mut capped = archive.into_inner()?.finish()?;
    capped.flush()?;
    Ok((file, bytes_max - capped.left))
}

fn add(archive: &mut Builder<impl Write>, Entry { name, path, metadata }: &Entry) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_metadata(metadata);
    if metadata.is_dir() {
        header.set_size(0);
        return archive.append_data(&mut header, name, io::empty());
    }
    if metadata.is_symlink() {
        let Some(target) = passable(fs::read_link(path), path)? else { return Ok(()) };
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        return archive.append_link(&mut header, name, target);
    }
    let Some(file) = passable(File::open(path), path)? else { return Ok(()) };
    // A file that shrinks or grows meanwhile must still have the size that was announced.
    archive.append_data(&mut header, name, file.chain(io::repeat(0)).take(metadata.len()))
}

/// A file that must not grow beyond a bound.
struct Capped {
    file: BufWriter<File>,
    left: u64,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match bytes.len() as u64 > self.left {
            true => return Err(io::ErrorKind::FileTooLarge.into()),
            false => self.file.write(bytes)?,
        };
        self.left -= written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
