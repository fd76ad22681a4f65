//! Removes what requests have left: uploads that nobody goes on with, and deletions
//! that died midway.

use domain::File;
use domain::file::FileStatus;
use jiff::Timestamp;
use store::{Result, Store};

/// Looks at the files that are due; how many it has removed or moved on.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<usize> {
    let mut done = 0;
    for file in store.due_files(now).await? {
        match look_at(store, &file, now).await {
            Ok(()) => done += 1,
            // One that stays must not keep the others.
            Err(error) => tracing::warn!(%error, file.id = %file.id, "a file was not swept"),
        }
    }
    tracing::info!(done, "files swept");
    Ok(done)
}

async fn look_at(store: &Store, file: &File, now: Timestamp) -> Result<()> {
    if file.status == FileStatus::Pending {
        let deleting = file.deleting(now);
        if !store.doom_file(file, &deleting).await? || deleting.due > Some(now) {
            return Ok(());
        }
        store.delete_content(&deleting).await?;
        return store.forget_file(&deleting).await;
    }
    store.delete_content(file).await?;
    store.forget_file(file).await
}
