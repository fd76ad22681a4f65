//! What lies in a snapshot's workspace, and where in the snapshot.
//!
//! A snapshot is a compressed archive in many frames, each of which can be read without
//! the ones before it. Behind them stands this list, in a frame that readers of archives
//! skip. So one object is the whole truth: what is listed is what is restored, and a
//! single file is read without the rest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The folder of the archive that is `/workspace`.
pub const WORKSPACE: &str = "workspace";

/// All that lies in a workspace, in no order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    pub leaves: Vec<Leaf>,
    /// There was more than is listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// A file, folder or link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// From `/workspace` on, without a slash before it.
    pub path: String,
    pub kind: Kind,
    pub modified_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Folder,
    /// What it leads to is not looked at.
    Link {
        target: String,
    },
    File {
        /// Bytes.
        size: u64,
        /// Where in the snapshot the frame begins that has it.
        frame: u64,
        /// Bytes of what that frame unpacks to before the file's own.
        skip: u64,
    },
}

/// Bytes at the snapshot's end that say where the list is.
pub const TRAILER_BYTES: u64 = 12;

const SKIPPABLE: u32 = 0x184D_2A50;
const MARK: &[u8; 8] = b"agentops";

/// The list's frame around `packed`, which is the compressed list.
pub fn framed(packed: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(packed.len()).ok()?;
    let mut frame = SKIPPABLE.to_le_bytes().to_vec();
    frame.extend(length.checked_add(TRAILER_BYTES as u32)?.to_le_bytes());
    frame.extend(packed);
    frame.extend(length.to_le_bytes());
    frame.extend(MARK);
    Some(frame)
}

/// How many bytes before the trailer are the list; `None` when this ends no such snapshot.
pub fn list_bytes(trailer: &[u8]) -> Option<u64> {
    let (length, mark) = trailer.split_at_checked(4)?;
    (mark == MARK).then(|| Some(u32::from_le_bytes(length.try_into().ok()?).into()))?
}

impl Tree {
    /// What is at `path`, links not followed.
    pub fn find(&self, path: &str) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.path == path)
    }

    /// What lies in the folder at `path` (empty: all workspaces), by name.
    pub fn inside(&self, path: &str) -> Vec<&Leaf> {
        let mut inside: Vec<_> = self.leaves.iter().filter(|leaf| leaf.folder() == Some(path)).collect();
        inside.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        inside
    }
}

impl Leaf {
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }

    /// The folder that it lies in; the root lies in none.
    fn folder(&self) -> Option<&str> {
        (!self.path.is_empty()).then(|| self.path.rsplit_once('/').map_or("", |(folder, _)| folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &str, kind: Kind) -> Leaf {
        Leaf { path: path.into(), kind, modified_at: Timestamp::UNIX_EPOCH, executable: false }
    }

    #[test]
    fn a_folder_lists_what_lies_directly_in_it() {
        let paths = ["", "p", "p/b", "p/a", "p/a/x", "pp"];
        let tree = Tree { leaves: paths.map(|path| leaf(path, Kind::Folder)).into(), truncated: false };
        let names = |path| tree.inside(path).into_iter().map(Leaf::name).collect::<Vec<_>>();
        assert_eq!(names(""), ["p", "pp"]);
        assert_eq!(names("p"), ["a", "b"]);
        assert_eq!(names("p/a"), ["x"]);
        assert!(names("p/b").is_empty() && tree.find("p/a").is_some() && tree.find("a").is_none());
    }

    #[test]
    fn the_trailer_tells_where_the_list_is() {
        let frame = framed(b"packed").unwrap();
        let (before, trailer) = frame.split_at(frame.len() - usize::try_from(TRAILER_BYTES).unwrap());
        let length = usize::try_from(list_bytes(trailer).unwrap()).unwrap();
        assert_eq!(&before[before.len() - length..], b"packed");
        assert_eq!(u32::from_le_bytes(frame[4..8].try_into().unwrap()) as usize, frame.len() - 8);
        for other in [&b"short"[..], b"no such mark", &frame[..12]] {
            assert_eq!(list_bytes(other), None);
        }
    }

    #[test]
    fn a_leaf_is_written_flat() {
        let file = leaf("a", Kind::File { size: 1, frame: 2, skip: 3 });
        let json = serde_json::to_value(&file).unwrap();
        assert_eq!(serde_json::from_value::<Leaf>(json).unwrap(), file);
    }
}
