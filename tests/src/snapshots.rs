//! A session's snapshots, as the table and the bucket's folder have them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tokio::time::Instant;

use crate::processes::pause;
use crate::{PATIENCE, Seed, Session, Stack};

/// Bytes of an upload that no small workspace makes.
const LARGE: u64 = 1024 * 1024;

/// What is kept of a session's sandbox.
pub struct Snapshots {
    seed: Seed,
    user: String,
    session: String,
    bucket: PathBuf,
}

impl Snapshots {
    pub async fn of(stack: &Stack, session: &Session) -> Result<Self> {
        let user = session.view().await?["user_id"].as_str().context("a session has an owner")?.to_owned();
        let mut buckets = std::fs::read_dir(stack.home().join("s3"))?.flatten().map(|entry| entry.path());
        let bucket = buckets.find(|path| path.is_dir()).context("no bucket")?;
        Ok(Self { seed: stack.seed().await?, user, session: session.id.clone(), bucket })
    }

    /// The version that counts, 0 when there is none.
    pub async fn version(&self) -> Result<u64> {
        self.seed.snapshot_version(&self.user, &self.session).await
    }

    /// Waits until this version or a later one counts.
    pub async fn reached(&self, version: u64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.version().await? < version {
            if Instant::now() > deadline {
                bail!("there is no snapshot {version}; in the bucket: {:?}", self.objects()?);
            }
            pause().await;
        }
        Ok(())
    }

    /// The files of this session's snapshots.
    pub fn objects(&self) -> Result<Vec<PathBuf>> {
        let folder = self.bucket.join(&self.user).join(&self.session).join("snapshots");
        let entries = std::fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    }

    /// Waits until a large upload has begun and not ended.
    pub async fn upload_begun(&self) -> Result<()> {
        let store = self.bucket.parent().context("a bucket is in a folder")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let files = std::fs::read_dir(store)?.flatten();
            let mut parts = files.filter(|entry| entry.file_name().to_string_lossy().ends_with(".internal.part"));
            if parts.any(|part| part.metadata().is_ok_and(|file| file.len() > LARGE)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("no upload began");
            }
            // Shorter than the upload of what is large.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
}
