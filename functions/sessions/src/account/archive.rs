//! Puts a user's things into one tar archive, a part of it in memory at a time:
//! records as JSON Lines, objects as they are.

use domain::account::{Export, ExportState};
use domain::{SessionId, limits};
use jiff::Timestamp;
use serde::Serialize;
use store::{ObjectWriter, Store};

/// Why an archive was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("a record is not JSON")]
    Record(#[from] serde_json::Error),
    #[error("a file's name does not fit into an archive")]
    Name(#[from] std::io::Error),
}

/// Makes the archive of an export; what became of it.
pub(crate) async fn make(store: &Store, export: &Export, now: Timestamp) -> Result<ExportState, ArchiveError> {
    let mut archive = Archive { writer: store.write_export(export), now };
    let sessions = account(store, export, &mut archive).await?;
    for session in sessions {
        messages(store, export, session, &mut archive).await?;
    }
    audit(store, export, &mut archive).await?;
    objects(store, export, &mut archive).await?;
    let (object, bytes) = archive.finish().await?;
    Ok(ExportState::Ready { object, bytes, finished_at: now })
}

/// The account and all that lies below it; the sessions that it has.
async fn account(store: &Store, export: &Export, archive: &mut Archive) -> Result<Vec<SessionId>, ArchiveError> {
    let mut below = vec![String::new(), "ENTITIES".to_owned()];
    let mut sessions = Vec::new();
    while let Some(partition) = below.pop() {
        let name = if partition.is_empty() { "account".to_owned() } else { partition.replace('#', "/").to_lowercase() };
        let mut records = Records::new(name);
        let mut after = None;
        loop {
            let (items, next) = store.owned_items(export.owner, &partition, after).await?;
            for (sort, item) in items {
                match sort.split_once('#') {
                    Some(("SES", id)) => sessions.extend(id.parse::<SessionId>().ok()),
                    Some(("INT", _)) => below.push(sort),
                    _ => {}
                }
                records.push(archive, &item).await?;
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        records.close(archive).await?;
    }
    Ok(sessions)
}

async fn messages(
    store: &Store,
    export: &Export,
    session: SessionId,
    archive: &mut Archive,
) -> Result<(), ArchiveError> {
    let mut records = Records::new(format!("messages/{session}"));
    let mut after = None;
    loop {
        let (messages, next) = store.messages(export.owner, session, after, false, limits::PAGE_MAX).await?;
        for message in &messages {
            records.push(archive, message).await?;
        }
        after = next;
        if after.is_none() {
            return records.close(archive).await;
        }
    }
}

async fn audit(store: &Store, export: &Export, archive: &mut Archive) -> Result<(), ArchiveError> {
    let mut records = Records::new("audit".to_owned());
    let mut after = None;
    loop {
        let page = store.audit_records(export.owner, after, false, limits::AUDIT_EXPORT_MAX).await?;
        let Some(last) = page.last() else { return records.close(archive).await };
        after = Some(last.seq);
        for record in &page {
            records.push(archive, record).await?;
        }
    }
}

/// Objects, but for the archives themselves.
async fn objects(store: &Store, export: &Export, archive: &mut Archive) -> Result<(), ArchiveError> {
    let mut after = None;
    loop {
        let (objects, more) = store.objects(export.owner, after.as_ref()).await?;
        for object in objects.iter().filter(|object| !object.name.starts_with("exports/")) {
            // What is deleted meanwhile is not the user's any more.
            let Some(mut reader) = store.open(object).await? else { continue };
            archive.begin(&format!("objects/{}", object.name), reader.bytes).await?;
            while let Some(bytes) = reader.next().await? {
                archive.writer.write(&bytes).await?;
            }
            archive.end(reader.bytes).await?;
        }
        after = objects.last().cloned();
        if !more {
            return Ok(());
        }
    }
}

/// JSON Lines of one kind, as one file or several.
struct Records {
    name: String,
    files: u32,
    lines: Vec<u8>,
}

impl Records {
    fn new(name: String) -> Self {
        Self { name, files: 0, lines: Vec::new() }
    }

    async fn push(&mut self, archive: &mut Archive, record: &impl Serialize) -> Result<(), ArchiveError> {
        serde_json::to_writer(&mut self.lines, record)?;
        self.lines.push(b'\n');
        if self.lines.len() >= limits::EXPORT_RECORDS_BYTES { self.flush(archive).await } else { Ok(()) }
    }

    async fn close(mut self, archive: &mut Archive) -> Result<(), ArchiveError> {
        self.flush(archive).await
    }

    async fn flush(&mut self, archive: &mut Archive) -> Result<(), ArchiveError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        self.files += 1;
        let number = if self.files > 1 { format!("-{}", self.files) } else { String::new() };
        let bytes = self.lines.len() as u64;
        archive.begin(&format!("{}{number}.jsonl", self.name), bytes).await?;
        archive.writer.write(&self.lines).await?;
        self.lines.clear();
        archive.end(bytes).await
    }
}

struct Archive {
    writer: ObjectWriter,
    now: Timestamp,
}

/// A tar archive consists of blocks of this size and ends with two empty ones.
const BLOCK_BYTES: u64 = 512;

impl Archive {
    async fn begin(&mut self, name: &str, bytes: u64) -> Result<(), ArchiveError> {
        // The header of a long name is two files, which the library writes as such.
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o644);
        header.set_mtime(self.now.as_second().unsigned_abs());
        header.set_entry_type(tar::EntryType::Regular);
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_data(&mut header, name, std::io::empty())?;
        let blocks = builder.get_ref().clone();
        Ok(self.writer.write(&blocks).await?)
    }

    /// Fills the last block of a file.
    async fn end(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        let fill = (BLOCK_BYTES - bytes % BLOCK_BYTES) % BLOCK_BYTES;
        Ok(self.writer.write(&[0; BLOCK_BYTES as usize][..usize::try_from(fill).unwrap_or(0)]).await?)
    }

    async fn finish(mut self) -> Result<(String, u64), ArchiveError> {
        self.writer.write(&[0; 2 * BLOCK_BYTES as usize]).await?;
        Ok(self.writer.finish().await?)
    }
}
