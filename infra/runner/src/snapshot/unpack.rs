//! Puts a snapshot's content where it was.
//!
//! What is in a workspace is the agent's and may be anything. Nothing is written outside the
//! folders: links are made last, so that nothing is written through one, and stay what they
//! were, as a workspace may well hold one to `/usr/bin/python3`.

use std::fs::{self, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use tar::{Archive, EntryType};

use super::tree::{Folder, Roots};
use crate::limits::UNPACKED_BYTES_MAX;

/// Makes the folders equal to a snapshot.
pub(super) fn unpack(snapshot: impl Read, roots: &Roots) -> Result<()> {
    let folders = roots.folders();
    folders.iter().try_for_each(empty)?;
    let mut decoder = zstd::Decoder::new(snapshot)?;
    let mut archive = Archive::new(&mut decoder);
    let (mut later, mut bytes) = (Later::default(), 0);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let target = place(&entry.path()?, &folders)?;
        match entry.header().entry_type() {
            EntryType::Directory => {
                fs::create_dir_all(&target)?;
                later.modes.push((target, entry.header().mode()?));
            }
            EntryType::Symlink => {
                let link = entry.link_name()?.context("a link leads nowhere")?.into_owned();
                later.links.push((target, link));
            }
            EntryType::Regular => {
                bytes += entry.size();
                ensure!(bytes <= UNPACKED_BYTES_MAX, "the snapshot is too large");
                entry.unpack(&target)?;
            }
            other => bail!("the snapshot holds a {other:?}, which none of ours does"),
        }
    }
    // To the end, where the checksum is.
    io::copy(&mut decoder, &mut io::sink())?;
    later.make()
}

/// What is done when all files are there.
#[derive(Default)]
struct Later {
    links: Vec<(PathBuf, PathBuf)>,
    /// Modes of folders: nothing could be put into one that is read-only.
    modes: Vec<(PathBuf, u32)>,
}

impl Later {
    fn make(self) -> Result<()> {
        for (path, target) in self.links {
            symlink(target, path)?;
        }
        for (path, mode) in self.modes.into_iter().rev() {
            fs::set_permissions(path, Permissions::from_mode(mode & 0o777))?;
        }
        Ok(())
    }
}

/// Where an entry of this name belongs.
fn place(name: &Path, folders: &[Folder]) -> Result<PathBuf> {
    let is_plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    let below = |folder: &Folder| Some(folder.path.join(name.strip_prefix(&folder.name).ok()?));
    let place = folders.iter().filter(|_| is_plain).find_map(below);
    place.with_context(|| format!("the snapshot holds {}, which is out of place", name.display()))
}

/// An attempt before may have left half of it.
fn empty(folder: &Folder) -> io::Result<()> {
    fs::create_dir_all(&folder.path)?;
    for entry in fs::read_dir(&folder.path)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
