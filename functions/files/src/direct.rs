//! A small file, with its request: counted, put, ready. A request that dies in the
//! middle leaves a pending file, which its repeat finishes or the sweeper removes.

use axum::body::Bytes;
use domain::file::{Checksum, ContentType, FileName, FileStatus, NewFile};
use domain::limits::FILE_DIRECT_BYTES_MAX;
use domain::{File, UserId};
use store::{Begun, Idempotency, Store};

use crate::FilesError;

/// A small file and what is said of it.
pub struct DirectUpload {
    pub name: FileName,
    pub content_type: ContentType,
    /// What the caller says that the content has.
    pub checksum: Option<Checksum>,
    pub content: Bytes,
}

/// Stores a file with its content.
pub async fn put(store: &Store, owner: UserId, upload: DirectUpload, key: Option<String>) -> Result<File, FilesError> {
    let DirectUpload { name, content_type, checksum: announced, content } = upload;
    let size = content.len() as u64;
    if size > FILE_DIRECT_BYTES_MAX {
        return Err(FilesError::TooLarge { bytes_max: FILE_DIRECT_BYTES_MAX });
    }
    let checksum = Checksum::sha256_of(&content);
    match announced {
        Some(Checksum::Crc64Nvme(_)) => {
            return Err(FilesError::ChecksumKind("a file that comes with its request is checked by sha256"));
        }
        Some(announced) if announced != checksum => return Err(FilesError::OtherContent),
        _ => {}
    }
    let now = web::now();
    let file = File::direct(owner, NewFile { name, size, content_type, checksum }, now);
    let request = key.map(|key| Idempotency::new(key, fingerprint(&file).as_bytes()));
    let file = match store.begin_file(&file, request.as_ref(), now).await? {
        Begun::New => file,
        Begun::Before(id) => store.file(owner, id).await?.ok_or(FilesError::NoFile)?,
        Begun::Conflict => return Err(FilesError::KeyReused),
        Begun::OverQuota => return Err(FilesError::OverQuota),
    };
    if file.status == FileStatus::Ready {
        return Ok(file);
    }
    store.put_content(&file, content).await?;
    finish(store, &file).await
}

/// Makes a file ready whose content is in the bucket.
pub(crate) async fn finish(store: &Store, file: &File) -> Result<File, FilesError> {
    if store.finish_file(file).await? {
        return Ok(file.ready());
    }
    // Another request made it ready, or has deleted it.
    store.file(file.owner, file.id).await?.filter(|file| file.status == FileStatus::Ready).ok_or(FilesError::NoFile)
}

/// What makes a request the same as another.
pub(crate) fn fingerprint(file: &File) -> String {
    format!("{:?}\n{}\n{:?}\n{}", file.name, file.size, file.content_type, file.checksum)
}
