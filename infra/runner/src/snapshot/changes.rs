//! What a turn changed: two snapshots beside each other, the one before it and the one after.
//!
//! Both are files of ours, so that what the agent goes on to do meanwhile changes nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use domain::TurnNumber;
use domain::tree::{Kind, Leaf, Tree};
use similar::TextDiff;
use wire::workspace::{FileChange, FileDiff, TurnDiff};

use crate::limits::{DIFF_BYTES_MAX, DIFF_FILE_BYTES_MAX, DIFF_FILE_WAIT, DIFF_FILES_MAX};

/// A snapshot's file and what lies in it.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) file: &'a Path,
    pub(super) tree: &'a Tree,
}

/// What is different below `folder`; `None` when nothing is. Before the session's first snapshot
/// there was nothing.
pub(super) fn changes(
    turn: TurnNumber,
    before: Option<State>,
    after: State,
    folder: &str,
) -> io::Result<Option<TurnDiff>> {
    // What the user brought along, and a repository's own files, are nobody's changes.
    let attachments = format!("attachments/{turn}/");
    let is_own = |path: &str| !path.starts_with(&attachments) && !path.split('/').any(|name| name == ".git");
    let (old, new) =
        (before.map(|state| there(state, folder, is_own)).unwrap_or_default(), there(after, folder, is_own));
    let mut diff = TurnDiff { turn, files: Vec::new(), truncated: false };
    let mut left = DIFF_BYTES_MAX;
    let paths = old.keys().chain(new.keys().filter(|path| !old.contains_key(*path)));
    let mut paths: Vec<&str> = paths.copied().filter(|path| !is_same(old.get(path), new.get(path))).collect();
    paths.sort_unstable();
    for path in paths {
        let content = |state: Option<State>, leaf: Option<&&Leaf>| match (state, leaf) {
            (Some(state), Some(leaf)) => content(state.file, leaf),
            _ => Ok(Content::Text(String::new())),
        };
        let (was, is) = (content(before, old.get(path))?, content(Some(after), new.get(path))?);
        let change = match (old.get(path), new.get(path)) {
            (None, _) => FileChange::Added,
            (_, None) => FileChange::Deleted,
            // Touched, or brought back by a restore.
            (Some(old), Some(new)) if was == is && was != Content::Other && old.executable == new.executable => {
                continue;
            }
            _ => FileChange::Modified,
        };
        if diff.files.len() == DIFF_FILES_MAX {
            diff.truncated = true;
            break;
        }
        let (patch, additions, deletions) = patch(path, &was, &is);
        let patch = patch.filter(|patch| patch.len() <= left);
        left -= patch.as_ref().map_or(0, String::len);
        diff.files.push(FileDiff { path: path.to_owned(), change, additions, deletions, patch });
    }
    Ok((!diff.files.is_empty()).then_some(diff))
}

fn there<'a>(state: State<'a>, folder: &str, is_own: impl Fn(&str) -> bool) -> BTreeMap<&'a str, &'a Leaf> {
    let below = state.tree.leaves.iter().filter_map(|leaf| Some((below(&leaf.path, folder)?, leaf)));
    below.filter(|(path, leaf)| is_own(path) && leaf.kind != Kind::Folder).collect()
}

fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    match folder {
        "" => Some(path).filter(|path| !path.is_empty()),
        folder => path.strip_prefix(folder)?.strip_prefix('/'),
    }
}

/// Whether nothing but a look at the content could tell them apart.
fn is_same(old: Option<&&Leaf>, new: Option<&&Leaf>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    // A restored file has its time in whole seconds.
    let time = old.modified_at == new.modified_at
        || (new.modified_at.subsec_nanosecond() == 0 && old.modified_at.as_second() == new.modified_at.as_second());
    let kind = match (&old.kind, &new.kind) {
        (Kind::File { size: old, .. }, Kind::File { size: new, .. }) => old == new,
        (old, new) => old == new,
    };
    time && kind && old.executable == new.executable
}

#[derive(PartialEq, Eq)]
enum Content {
    Text(String),
    /// No text, or too much of it.
    Other,
}

fn content(snapshot: &Path, leaf: &Leaf) -> io::Result<Content> {
    let (size, frame, skip) = match &leaf.kind {
        Kind::Folder => return Ok(Content::Other),
        Kind::Link { target } => return Ok(Content::Text(format!("-> {target}\n"))),
        Kind::File { size, .. } if *size > DIFF_FILE_BYTES_MAX => return Ok(Content::Other),
        Kind::File { size, frame, skip } => (*size, *frame, *skip),
    };
    let mut file = File::open(snapshot)?;
    file.seek(SeekFrom::Start(frame))?;
    let mut unpacked = zstd::Decoder::new(file)?;
    io::copy(&mut unpacked.by_ref().take(skip), &mut io::sink())?;
    let mut bytes = Vec::new();
    unpacked.take(size).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    Ok(text.map_or(Content::Other, Content::Text))
}

fn patch(path: &str, was: &Content, is: &Content) -> (Option<String>, usize, usize) {
    let (Content::Text(was), Content::Text(is)) = (was, is) else { return (None, 0, 0) };
    let diff = TextDiff::configure().timeout(DIFF_FILE_WAIT).diff_lines(was, is);
    let (mut additions, mut deletions) = (0, 0);
    for change in diff.iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Insert => additions += 1,
            similar::ChangeTag::Delete => deletions += 1,
            similar::ChangeTag::Equal => {}
        }
    }
    let patch = diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string();
    (Some(patch), additions, deletions)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::super::pack::{Packed, pack};
    use super::super::tree::Roots;
    use super::*;

    fn state(packed: &Packed) -> State<'_> {
        State { file: packed.file.path(), tree: &packed.tree }
    }

    #[test]
    fn a_turns_changes_are_what_is_different_between_its_two_snapshots() {
        let folder = TempDir::new().unwrap();
        let roots = Roots { workspace: folder.path().join("workspace"), data: folder.path().join("data") };
        let project = roots.workspace.join("p");
        fs::create_dir_all(project.join(".git")).unwrap();
        fs::create_dir_all(project.join("attachments/2")).unwrap();
        let put = |name: &str, text: &str| fs::write(project.join(name), text).unwrap();
        put("same", "same\n");
        put("edited", "one\ntwo\nthree\n");
        put("gone", "x\n");
        put(".git/index", "1");
        fs::write(roots.workspace.join("elsewhere"), "1").unwrap();
        // So that the frames are several.
        fs::write(project.join("noise"), (0..3_000_000).map(|_| rand::random::<u8>()).collect::<Vec<_>>()).unwrap();
        let before = pack(&roots, 1, None).unwrap().unwrap();

        put("edited", "one\n2\nthree\nfour\n");
        put("new ü", "a\n");
        put("image", "a\0b");
        put(".git/index", "2");
        put("attachments/2/a.txt", "brought along");
        put("noise", "less\n");
        fs::remove_file(project.join("gone")).unwrap();
        symlink("edited", project.join("link")).unwrap();
        fs::write(roots.workspace.join("elsewhere"), "2").unwrap();
        fs::File::options()
            .write(true)
            .open(project.join("same"))
            .unwrap()
            .set_modified(std::time::SystemTime::now())
            .unwrap();
        let after = pack(&roots, 2, None).unwrap().unwrap();

        let diff = changes(2, Some(state(&before)), state(&after), "p").unwrap().unwrap();
        let told = |diff: &TurnDiff| -> Vec<_> {
            diff.files.iter().map(|file| (file.path.clone(), file.change, file.additions, file.deletions)).collect()
        };
        let row = |path: &str, change, additions, deletions| (path.to_owned(), change, additions, deletions);
        assert_eq!(
            told(&diff),
            [
                row("edited", FileChange::Modified, 2, 1),
                row("gone", FileChange::Deleted, 0, 1),
                row("image", FileChange::Added, 0, 0),
                row("link", FileChange::Added, 1, 0),
                row("new ü", FileChange::Added, 1, 0),
                row("noise", FileChange::Modified, 0, 0),
            ]
        );
        let patch = "--- a/edited\n+++ b/edited\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four\n";
        assert_eq!(diff.files[0].patch.as_deref(), Some(patch));
        assert!(diff.files[2].patch.is_none() && diff.files[5].patch.is_none());
        assert_eq!(changes(3, Some(state(&after)), state(&after), "p").unwrap(), None);
        let first = changes(1, None, state(&before), "p").unwrap().unwrap();
        assert!(first.files.iter().all(|file| file.change == FileChange::Added) && first.files.len() == 4);
    }
}
