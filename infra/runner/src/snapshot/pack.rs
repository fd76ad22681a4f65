//! Makes a snapshot: the folders as a compressed archive in a temporary file, and behind it the
//! list of what lies in the workspace (`domain::tree`).

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::thread::sleep;

use domain::limits::{SNAPSHOT_BYTES_MAX, TREE_LEAVES_MAX};
use domain::tree::{Kind, Leaf, Tree, WORKSPACE, framed};
use jiff::Timestamp;
use tar::{Builder, EntryType, Header};
use tempfile::NamedTempFile;

use super::frames::{Frames, Position};
use super::tree::{Entry, Fingerprint, Roots, passable, walk};
use crate::limits::{QUIET_PAUSE, QUIET_ROUNDS, SNAPSHOT_LEVEL, UNPACKED_BYTES_MAX};

/// A snapshot that is made; its file goes away with it.
#[derive(Clone)]
pub(super) struct Packed {
    pub(super) number: u64,
    pub(super) file: Arc<NamedTempFile>,
    pub(super) bytes: u64,
    pub(super) fingerprint: Fingerprint,
    /// What lies in it.
    pub(super) tree: Arc<Tree>,
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
        let (file, bytes, tree) = write(roots, SNAPSHOT_BYTES_MAX)?;
        // A database that was written to while it was read may be torn: OpenCode has some last
        // words after each turn.
        if before == Fingerprint::of(roots.memory())? {
            return Ok(Some(Packed { number, file: Arc::new(file), bytes, fingerprint, tree: Arc::new(tree) }));
        }
        sleep(QUIET_PAUSE);
    }
    Err(PackError::Restless)
}

/// Writes the archive; its size, and what lies in it.
pub(super) fn write(roots: &Roots, bytes_max: u64) -> io::Result<(NamedTempFile, u64, Tree)> {
    let file = NamedTempFile::new()?;
    let capped = Capped { file: BufWriter::new(file.reopen()?), written: 0, bytes_max };
    let mut archive = Builder::new(Frames::new(capped, SNAPSHOT_LEVEL)?);
    let mut tree = Tree::default();
    walk(roots.folders(), |entry| {
        archive.get_mut().cut_if_full()?;
        let is_added = add(&mut archive, entry)?;
        match leaf(entry, archive.get_ref()).filter(|_| is_added) {
            Some(leaf) if tree.leaves.len() < TREE_LEAVES_MAX => tree.leaves.push(leaf),
            Some(_) => tree.truncated = true,
            None => {}
        }
        Ok(())
    })?;
    let mut capped = archive.into_inner()?.finish()?;
    let list = zstd::encode_all(&serde_json::to_vec(&tree)?[..], SNAPSHOT_LEVEL)?;
    capped.write_all(&framed(&list).ok_or(io::ErrorKind::FileTooLarge)?)?;
    capped.flush()?;
    Ok((file, capped.written, tree))
}

/// Whether it was added: it may be gone.
fn add(archive: &mut Builder<impl Write>, Entry { name, path, metadata }: &Entry) -> io::Result<bool> {
    let mut header = Header::new_gnu();
    header.set_metadata(metadata);
    if metadata.is_dir() {
        header.set_size(0);
        archive.append_data(&mut header, name, io::empty())?;
    } else if metadata.is_symlink() {
        let Some(target) = passable(fs::read_link(path), path)? else { return Ok(false) };
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, name, target)?;
    } else {
        let Some(file) = passable(File::open(path), path)? else { return Ok(false) };
        // A file that shrinks or grows meanwhile must still have the size that was announced.
        archive.append_data(&mut header, name, file.chain(io::repeat(0)).take(metadata.len()))?;
    }
    Ok(true)
}

/// The list's entry for what was just added; `None` for what is not of the workspace. A name
/// that is no text is listed as near to it as can be.
fn leaf(Entry { name, path, metadata }: &Entry, frames: &Frames<impl Write + Position>) -> Option<Leaf> {
    let path_below = name.strip_prefix(WORKSPACE).ok()?.to_string_lossy().into_owned();
    let size = metadata.len();
    let kind = if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_symlink() {
        Kind::Link { target: fs::read_link(path).ok()?.to_string_lossy().into_owned() }
    } else {
        // What was written last is the content, filled up to whole blocks.
        let skip = frames.unpacked().checked_sub(size.next_multiple_of(BLOCK))?;
        Kind::File { size, frame: frames.begin(), skip }
    };
    let modified_at = Timestamp::new(metadata.mtime(), i32::try_from(metadata.mtime_nsec()).ok()?).unwrap_or_default();
    let executable = metadata.is_file() && metadata.mode() & 0o100 != 0;
    Some(Leaf { path: path_below, kind, modified_at, executable })
}

/// Bytes of a block of an archive.
const BLOCK: u64 = 512;

impl Position for Capped {
    fn position(&self) -> u64 {
        self.written
    }
}

/// A file that must not grow beyond a bound.
struct Capped {
    file: BufWriter<File>,
    written: u64,
    bytes_max: u64,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.bytes_max - self.written {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
