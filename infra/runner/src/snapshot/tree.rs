//! What belongs to a snapshot, and whether it has changed.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use tracing::warn;

/// Folders of the data root that outlive a sandbox: OpenCode's data and state, the runner's notes.
/// Caches, configuration and temporary files are made anew.
const DATA: [&str; 3] = ["share", "state", "runner"];
/// OpenCode's log is of no use to the next one.
const LOG: &str = "data/share/opencode/log";
/// SQLite makes its index of the write-ahead log anew; a copied one may not fit the copied log.
const INDEX: &str = "db-shm";

/// The folders that a snapshot is made of.
#[derive(Debug, Clone)]
pub struct Roots {
    /// All of it belongs to the snapshot.
    pub workspace: PathBuf,
    /// What OpenCode and the runner keep, parts of which do.
    pub data: PathBuf,
}

/// A folder, and its name in the snapshot.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) name: PathBuf,
    pub(super) path: PathBuf,
}

impl Roots {
    pub(super) fn folders(&self) -> Vec<Folder> {
        let workspace = Folder { name: "workspace".into(), path: self.workspace.clone() };
        std::iter::once(workspace).chain(self.memory()).collect()
    }

    /// The part that only OpenCode writes.
    pub(super) fn memory(&self) -> Vec<Folder> {
        let folder = |name| Folder { name: Path::new("data").join(name), path: self.data.join(name) };
        DATA.map(folder).into()
    }
}

/// Something in a folder.
pub(super) struct Entry {
    /// Its name in the snapshot.
    pub(super) name: PathBuf,
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
}

/// Visits files, folders and links, a folder before what is in it. What vanishes meanwhile, and
/// what this user may not read, is left out.
pub(super) fn walk(folders: Vec<Folder>, mut visit: impl FnMut(&Entry) -> io::Result<()>) -> io::Result<()> {
    let mut waiting = folders;
    while let Some(Folder { name, path }) = waiting.pop() {
        let Some(metadata) = passable(fs::symlink_metadata(&path), &path)? else { continue };
        let (kind, entry) = (metadata.file_type(), Entry { name, path, metadata });
        if kind.is_socket() || kind.is_fifo() || kind.is_block_device() || kind.is_char_device() || is_left_out(&entry)
        {
            continue;
        }
        if kind.is_dir() {
            let Some(inside) = passable(fs::read_dir(&entry.path), &entry.path)? else { continue };
            let below = |found: fs::DirEntry| Folder { name: entry.name.join(found.file_name()), path: found.path() };
            waiting.extend(inside.filter_map(Result::ok).map(below));
        }
        visit(&entry)?;
    }
    Ok(())
}

fn is_left_out(entry: &Entry) -> bool {
    entry.name.starts_with(LOG)
        || (entry.name.starts_with("data") && entry.name.extension().is_some_and(|extension| extension == INDEX))
}

/// `None` for what is gone or closed to us.
pub(super) fn passable<T>(result: io::Result<T>, path: &Path) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            warn!(path = %path.display(), "left out of the snapshot, as it can't be read");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Tells two states of the folders apart without reading the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fingerprint {
    entries: u64,
    /// Bytes of all files.
    pub(super) bytes: u64,
    digest: u64,
}

impl Fingerprint {
    pub(super) fn of(folders: Vec<Folder>) -> io::Result<Self> {
        let mut fingerprint = Self::default();
        walk(folders, |entry| {
            fingerprint.add(entry);
            Ok(())
        })?;
        Ok(fingerprint)
    }

    fn add(&mut self, Entry { name, metadata, .. }: &Entry) {
        let bytes = if metadata.is_file() { metadata.len() } else { 0 };
        let mut hasher = DefaultHasher::new();
        (name, metadata.mtime(), metadata.mtime_nsec(), metadata.mode(), bytes).hash(&mut hasher);
        self.entries += 1;
        self.bytes += bytes;
        // A sum, because folders list their files in no order.
        self.digest = self.digest.wrapping_add(hasher.finish());
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_fingerprint_changes_with_every_change_and_only_then() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        let now = || Fingerprint::of(vec![Folder { name: "workspace".into(), path: folder.path().into() }]).unwrap();
        fs::write(path("a"), "one").unwrap();
        let mut seen = vec![now()];
        assert_eq!(now(), seen[0]);

        let mut changed = |what: &str| {
            let after = now();
            assert!(!seen.contains(&after), "{what}");
            seen.push(after);
        };
        fs::write(path("a"), "longer").unwrap();
        changed("longer");
        let file = fs::File::options().write(true).open(path("a")).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        changed("another time");
        fs::set_permissions(path("a"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        changed("executable");
        fs::rename(path("a"), path("b")).unwrap();
        changed("renamed");
        fs::create_dir(path("empty")).unwrap();
        changed("an empty folder");
    }

    #[test]
    fn only_memory_is_taken_of_the_agents_data() {
        let data = TempDir::new().unwrap();
        let files =
            ["runner/opencode-session", "share/opencode/opencode.db", "share/opencode/opencode.db-wal", "state/x"];
        let others = ["share/opencode/opencode.db-shm", "share/opencode/log/a.log", "cache/x", "config/x", "tmp/x"];
        for file in files.iter().chain(&others) {
            fs::create_dir_all(data.path().join(file).parent().unwrap()).unwrap();
            fs::write(data.path().join(file), "x").unwrap();
        }
        let mut found = Vec::new();
        let roots = Roots { workspace: "/nowhere".into(), data: data.path().into() };
        walk(roots.folders(), |entry| {
            found.extend(entry.metadata.is_file().then(|| entry.name.strip_prefix("data").unwrap().to_owned()));
            Ok(())
        })
        .unwrap();
        found.sort();
        assert_eq!(found, files.map(PathBuf::from));
    }
}
