//! Helpers for this crate's tests.

use std::path::{Path, PathBuf};

/// A folder that is removed when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An empty folder for the test of this name.
pub fn folder(test: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("agent-ops-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the temporary folder is writable");
    Folder(path)
}
