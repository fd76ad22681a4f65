//! Begins an upload in parts. The bucket's upload is there before the file is on the
//! list: one that nobody heard of is removed by the bucket's own rule.

use domain::file::{Checksum, ContentType, FileName, NewFile};
use domain::limits::FILE_BYTES_MAX;
use domain::{File, FileId, UserId};
use store::{Begun, Idempotency, Store};
use wire::files::BeginUpload;

use crate::FilesError;
use crate::direct::fingerprint;

/// Counts a file whose parts are to come.
pub(crate) async fn begin(
    store: &Store,
    owner: UserId,
    body: BeginUpload,
    key: Option<String>,
) -> Result<File, FilesError> {
    let new = new_file(body)?;
    let now = web::now();
    let id = FileId::mint(now);
    let upload_id = store.begin_upload(owner, id, new.content_type.as_str()).await?;
    let file = File::in_parts(owner, id, new, upload_id.clone(), now);
    let request = key.map(|key| Idempotency::new(key, fingerprint(&file).as_bytes()));
    let begun = store.begin_file(&file, request.as_ref(), now).await;
    if !matches!(begun, Ok(Begun::New))
        && let Err(error) = store.abandon_upload(owner, id, &upload_id).await
    {
        tracing::warn!(%error, file.id = %id, "an upload was left to the bucket's own rule");
    }
    match begun? {
        Begun::New => Ok(file),
        Begun::Before(id) => store.file(owner, id).await?.ok_or(FilesError::NoFile),
        Begun::Conflict => Err(FilesError::KeyReused),
        Begun::OverQuota => Err(FilesError::OverQuota),
    }
}

fn new_file(body: BeginUpload) -> Result<NewFile, FilesError> {
    let BeginUpload { name, size, content_type, checksum } = body;
    if size > FILE_BYTES_MAX {
        return Err(FilesError::TooLarge { bytes_max: FILE_BYTES_MAX });
    }
    if size == 0 {
        return Err(FilesError::Form("an empty file comes with its request, not in parts".to_owned()));
    }
    let checksum: Checksum = checksum.parse()?;
    if matches!(checksum, Checksum::Sha256(_)) {
        return Err(FilesError::ChecksumKind(
            "a file that comes in parts is checked by crc64nvme: S3 computes no other of a whole this large",
        ));
    }
    let content_type = content_type.as_deref().map(ContentType::parse).transpose()?.unwrap_or_default();
    Ok(NewFile { name: FileName::parse(&name)?, size, content_type, checksum })
}
