//! Keeps whole what is too large for an event: the relay says where, the bucket takes it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use domain::limits::KEPT_BYTES_MAX;
use domain::message::{Kept, diff_name};
use http::header::CONTENT_LENGTH;
use rustix::fs::OFlags;
use tokio::time::{sleep, timeout};
use tracing::warn;
use wire::runner::{KeepAt, KeepText};
use wire::workspace::TurnDiff;

use crate::limits::{KEEP_ATTEMPTS, KEEP_PAUSE, KEEP_WAIT};
use crate::net;
use crate::relay::LinkConfig;
use crate::translate::{Large, Whole};

/// Where large texts go; cheap to clone.
#[derive(Clone)]
pub struct Shelf {
    link: LinkConfig,
    /// OpenCode's own files are below it, and nothing else is read.
    data_root: PathBuf,
    http: reqwest::Client,
}

/// Why a text is not kept.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error("its file can't be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it was not taken: {0}")]
    Refused(#[from] reqwest::Error),
    #[error("it took too long")]
    Slow,
}

impl Shelf {
    pub fn new(link: LinkConfig, data_root: PathBuf) -> Self {
        Self { link, data_root, http: net::http() }
    }

    /// Keeps a text; `None` when it can't be, which loses no more than its middle.
    pub async fn keep(&self, large: &Large) -> Option<Kept> {
        let name = format!("{}-{}", large.part, large.field.name());
        let kept = timeout(KEEP_WAIT, self.attempts(&name, &large.whole)).await.unwrap_or(Err(NotKept::Slow));
        kept.inspect_err(|error| warn!(%error, name, "a large text is not kept whole")).ok()
    }

    /// Keeps what a turn changed.
    pub(crate) async fn keep_diff(&self, diff: &TurnDiff) -> reqwest::Result<()> {
        let json = serde_json::to_vec(diff).expect("a diff is strings and numbers");
        self.put(&diff_name(diff.turn), &json).await.map(drop)
    }

    async fn attempts(&self, name: &str, whole: &Whole) -> Result<Kept, NotKept> {
        let (text, truncated) = self.read(whole).await?;
        let mut attempt = 1;
        loop {
            match self.put(name, &text).await {
                Ok(href) => return Ok(Kept { href, bytes: text.len() as u64, truncated }),
                Err(error) if attempt == KEEP_ATTEMPTS => return Err(error.into()),
                Err(error) => warn!(%error, attempt, "a large text is not kept yet"),
            }
            attempt += 1;
            sleep(KEEP_PAUSE).await;
        }
    }

    /// The text, and whether there is more of it.
    async fn read(&self, whole: &Whole) -> Result<(Vec<u8>, bool), NotKept> {
        let bytes = usize::try_from(KEPT_BYTES_MAX).unwrap_or(usize::MAX);
        match whole {
            Whole::Text(text) => {
                let end = text.floor_char_boundary(bytes);
                Ok((text.as_bytes()[..end].to_vec(), end < text.len()))
            }
            Whole::File(path) => {
                let (path, root) = (path.clone(), self.data_root.clone());
                let read = tokio::task::spawn_blocking(move || read_below(&root, &path, KEPT_BYTES_MAX)).await;
                Ok(read.map_err(io::Error::other)??)
            }
        }
    }

    /// Errors must not name the address: who has it can write.
    async fn put(&self, name: &str, text: &[u8]) -> Result<String, reqwest::Error> {
        let LinkConfig { api_url, session, epoch, token, .. } = &self.link;
        let asked = KeepText { epoch: *epoch, name: name.to_owned(), bytes: text.len() as u64 };
        let request = self.http.post(format!("{api_url}/agent/sessions/{session}/outputs")).bearer_auth(token);
        let place: KeepAt = request.json(&asked).send().await?.error_for_status()?.json().await?;
        let given = place.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str()));
        let request = given.fold(self.http.put(&place.url), |request, (name, value)| request.header(name, value));
        // A bucket takes no upload without its length.
        let request = request.header(CONTENT_LENGTH, text.len()).body(text.to_vec());
        let taken = request.send().await.and_then(reqwest::Response::error_for_status);
        taken.map_err(reqwest::Error::without_url)?;
        Ok(place.href)
    }
}

/// Reads a file below `root`, `bytes` of it at most; whether there is more. Its path
/// comes from where the agent is at home, so it must not lead to files of the runner.
fn read_below(root: &Path, path: &Path, bytes: u64) -> io::Result<(Vec<u8>, bool)> {
    let (root, path) = (fs::canonicalize(root)?, fs::canonicalize(path)?);
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(&path)?;
    let metadata = file.metadata()?;
    // A folder may have become a link since its path was looked at; the volume tells.
    let is_there = path.starts_with(&root) && metadata.dev() == fs::metadata(&root)?.dev();
    if !is_there || !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "not a file of OpenCode's"));
    }
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    Ok((text, metadata.len() > bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn only_files_below_the_root_are_read() {
        let (root, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::write(outside.path().join("secret"), "secret").unwrap();
        fs::write(root.path().join("output"), "whole output").unwrap();
        symlink(outside.path(), root.path().join("link")).unwrap();
        symlink(outside.path().join("secret"), root.path().join("secret")).unwrap();
        let read = |path: PathBuf, bytes| read_below(root.path(), &path, bytes);
        assert_eq!(read(root.path().join("output"), 100).unwrap(), (b"whole output".to_vec(), false));
        assert_eq!(read(root.path().join("output"), 5).unwrap(), (b"whole".to_vec(), true));
        for path in [
            outside.path().join("secret"),
            root.path().join("secret"),
            root.path().join("link/secret"),
            root.path().join("../").join(outside.path().file_name().unwrap()).join("secret"),
            "/proc/self/environ".into(),
            root.path().to_owned(),
        ] {
            assert!(read(path.clone(), 100).is_err(), "{}", path.display());
        }
    }
}
