//! Lays a turn's attachments into the workspace before the agent hears of them.
//!
//! The workspace is the agent's and may hold anything, links included: no step of a
//! path is followed through one, so that nothing is written outside.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wire::runner::TurnAttachment;

use crate::limits::{FETCH_ATTEMPTS, FETCH_PAUSE, TRANSFER_SILENCE};
use crate::net;

/// A file that is not whole yet.
const UNFINISHED: &str = ".attachment.part";

/// The sandbox's workspaces, and the session's own among them.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Ours: no link.
    pub root: PathBuf,
    /// The session's folder in it, with which all paths begin.
    pub below: PathBuf,
}

impl Workspace {
    /// Gets all of them; one that lies there already stays as it is, for the agent may
    /// have worked on it before the turn was interrupted.
    pub async fn fetch(&self, attachments: &[TurnAttachment]) -> Result<()> {
        for attachment in attachments {
            let mut attempt = 1;
            while let Err(error) = self.fetch_one(attachment).await {
                ensure!(attempt < FETCH_ATTEMPTS, "an attachment was not fetched: {error:#}");
                warn!(attempt, error = %format!("{error:#}"), "an attachment was not fetched yet");
                attempt += 1;
                sleep(FETCH_PAUSE).await;
            }
        }
        info!(attachments = attachments.len(), "the turn's attachments are in the workspace");
        Ok(())
    }

    async fn fetch_one(&self, attachment: &TurnAttachment) -> Result<()> {
        let path = self.below.join(&attachment.path);
        let name = path.file_name().context("a path without a name")?.to_owned();
        let folder = open_folder(&self.root, path.parent().unwrap_or(Path::new("")))?;
        if statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Ok(());
        }
        let file = create(&folder).context("it can't be written")?;
        let bytes = download(&attachment.url, file).await?;
        ensure!(bytes == attachment.size, "{bytes} of {} bytes came", attachment.size);
        Ok(renameat(&folder, UNFINISHED, &folder, &name)?)
    }
}

/// Opens a folder below `root`, making what is missing.
fn open_folder(root: &Path, below: &Path) -> Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut folder = openat(CWD, root, flags, Mode::empty())?;
    for part in below.components() {
        let Component::Normal(name) = part else { anyhow::bail!("a path that climbs") };
        match mkdirat(&folder, name, Mode::from(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        folder = openat(&folder, name, flags | OFlags::NOFOLLOW, Mode::empty())
            .with_context(|| format!("{} is no folder", name.display()))?;
    }
    Ok(folder)
}

/// A new file, whatever an attempt before has left.
fn create(folder: &OwnedFd) -> io::Result<File> {
    match unlinkat(folder, UNFINISHED, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(folder, UNFINISHED, flags, Mode::from(0o644))?.into())
}

/// Errors must not name the address: who has it can read.
async fn download(url: &str, file: File) -> Result<u64> {
    let mut file = tokio::fs::File::from_std(file);
    let request = timeout(TRANSFER_SILENCE, net::http().get(url).send()).await?;
    let mut answer = request.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url)?;
    let mut bytes = 0;
    while let Some(chunk) = timeout(TRANSFER_SILENCE, answer.chunk()).await?.map_err(reqwest::Error::without_url)? {
        bytes += chunk.len() as u64;
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    Ok(bytes)
}

/// What the agent is told of them, behind the user's words.
pub fn note(attachments: &[TurnAttachment]) -> String {
    let line = |attachment: &TurnAttachment| {
        let TurnAttachment { path, content_type, size, .. } = attachment;
        format!("\n- {path} ({content_type}, {size} bytes)")
    };
    match attachments {
        [] => String::new(),
        some => format!("\n\nAttached files, in the working folder:{}", some.iter().map(line).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tempfile::TempDir;

    use super::*;

    async fn served(path: &str) -> TurnAttachment {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let app = Router::new().route("/x", get(async || "content"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        TurnAttachment { path: path.into(), url, size: 7, content_type: "text/plain".into() }
    }

    fn workspace(root: &TempDir) -> Workspace {
        Workspace { root: root.path().into(), below: "project".into() }
    }

    #[tokio::test]
    async fn an_attachment_lies_where_the_agent_is_told_and_is_fetched_once() {
        let root = TempDir::new().unwrap();
        let attachment = served("attachments/1/a b.txt").await;
        assert_eq!(
            note(std::slice::from_ref(&attachment)),
            "\n\nAttached files, in the working folder:\n- attachments/1/a b.txt (text/plain, 7 bytes)"
        );
        workspace(&root).fetch(std::slice::from_ref(&attachment)).await.unwrap();
        let file = root.path().join("project/attachments/1/a b.txt");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "content");
        std::fs::write(&file, "edited by the agent").unwrap();
        workspace(&root).fetch(&[attachment]).await.unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "edited by the agent");
    }

    #[tokio::test]
    async fn nothing_is_written_through_a_link_or_beside_the_workspace() {
        let (root, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        std::fs::create_dir(root.path().join("project")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("project/attachments")).unwrap();
        for path in ["attachments/1/a.txt", "../../a.txt", "/etc/a.txt"] {
            assert!(workspace(&root).fetch_one(&served(path).await).await.is_err(), "{path}");
        }
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        assert!(!root.path().parent().unwrap().join("a.txt").exists());
    }

    #[tokio::test]
    async fn half_a_file_is_none() {
        let root = TempDir::new().unwrap();
        let attachment = TurnAttachment { size: 8, ..served("attachments/1/a.txt").await };
        assert!(workspace(&root).fetch_one(&attachment).await.is_err());
        assert!(!root.path().join("project/attachments/1/a.txt").exists());
    }
}
