//! The content of files: whole through a function when it is small, else in parts
//! that never pass one, by presigned URLs.

use std::time::Duration;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::file::{Checksum, PartRange, StoredPart};
use domain::{File, FileId, UserId, limits};
use futures_util::Stream;
use futures_util::stream::try_unfold;

use crate::item::{Error, Result, service};
use crate::objects::length;
use crate::{Store, keys};

/// Where a part is to be put, by HTTP PUT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartUpload {
    pub url: String,
}

/// The content of a file, or the range of it that was asked for.
pub struct Content {
    bytes: ByteStream,
    /// Bytes of this answer.
    pub length: u64,
    /// Such as `bytes 0-99/1234`, when it is a range.
    pub range: Option<String>,
}

/// What a request for content came to.
pub enum Download {
    Content(Content),
    /// The range lies behind the end.
    NoSuchRange,
    /// There is nothing under the file's key.
    Gone,
}

/// Why an upload in parts was not put together.
#[derive(Debug, thiserror::Error)]
pub enum NotCompleted {
    /// The bucket knows no such upload: it was put together before, or given up.
    #[error("there is no such upload")]
    NoUpload,
    /// The parts are there, and make something else than was announced.
    #[error("the content does not have the checksum that was announced")]
    OtherContent,
    /// A part changed meanwhile.
    #[error("a part is not the one that was listed")]
    PartChanged,
    #[error(transparent)]
    Store(#[from] Error),
}

impl Content {
    /// The bytes as they come.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        try_unfold(self.bytes, |mut bytes| async move {
            let next = bytes.try_next().await.map_err(Error::malformed)?;
            Ok(next.map(|chunk| (chunk, bytes)))
        })
    }
}

impl Store {
    /// Puts a file's content, which S3 compares with the checksum once more.
    pub async fn put_content(&self, file: &File, content: Bytes) -> Result<()> {
        let mut put = self.s3.put_object().bucket(&self.bucket).key(keys::file_object(file));
        put = match file.checksum {
            Checksum::Sha256(bytes) => put.checksum_sha256(STANDARD.encode(bytes)),
            Checksum::Crc64Nvme(bytes) => put.checksum_crc64_nvme(STANDARD.encode(bytes)),
        };
        let put = put.content_type(file.content_type.as_str()).body(ByteStream::from(content));
        put.send().await.map(drop).map_err(service("PutObject"))
    }

    /// Begins an upload in parts; its name. S3 is to compare the checksum of the
    /// whole when it puts the parts together.
    pub async fn begin_upload(&self, owner: UserId, id: FileId, content_type: &str) -> Result<String> {
        let begun = self
            .s3
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(keys::file_object_of(owner, id))
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .send()
            .await
            .map_err(service("CreateMultipartUpload"))?;
        begun.upload_id.ok_or_else(|| Error::malformed("an upload without its name"))
    }

    /// Gives an upload up; what was put there goes. Repeating it does no harm.
    pub async fn abandon_upload(&self, owner: UserId, id: FileId, upload_id: &str) -> Result<()> {
        let abort = self
            .s3
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(keys::file_object_of(owner, id))
            .upload_id(upload_id)
            .send()
            .await;
        match abort {
            Err(error) if is(&error, "NoSuchUpload") => Ok(()),
            other => other.map(drop).map_err(service("AbortMultipartUpload")),
        }
    }

    /// Where exactly this part of the file is to be put.
    pub async fn part_upload(&self, file: &File, upload_id: &str, part: PartRange) -> Result<PartUpload> {
        let request = self
            .s3
            .upload_part()
            .bucket(&self.bucket)
            .key(keys::file_object(file))
            .upload_id(upload_id)
            .part_number(i32::try_from(part.number).map_err(Error::malformed)?)
            .content_length(i64::try_from(part.size).map_err(Error::malformed)?)
            .presigned(presigning()?)
            .await
            .map_err(service("UploadPart"))?;
        Ok(PartUpload { url: request.uri().to_owned() })
    }

    /// The parts that are there, in no order; `None` when there is no such upload.
    pub async fn stored_parts(&self, file: &File, upload_id: &str) -> Result<Option<Vec<StoredPart>>> {
        let listed =
            self.s3.list_parts().bucket(&self.bucket).key(keys::file_object(file)).upload_id(upload_id).send().await;
        let listed = match listed {
            Err(error) if is(&error, "NoSuchUpload") => return Ok(None),
            other => other.map_err(service("ListParts"))?,
        };
        let part = |part: aws_sdk_s3::types::Part| {
            Some(StoredPart {
                number: u32::try_from(part.part_number?).ok()?,
                size: u64::try_from(part.size?).ok()?,
                etag: part.e_tag,
            })
        };
        Ok(Some(listed.parts.unwrap_or_default().into_iter().filter_map(part).collect()))
    }

    /// Puts the parts together, if they make the content that was announced.
    pub async fn complete_upload(
        &self,
        file: &File,
        upload_id: &str,
        parts: Vec<StoredPart>,
    ) -> std::result::Result<(), NotCompleted> {
        let mut whole = CompletedMultipartUpload::builder();
        for part in parts {
            let number = i32::try_from(part.number).map_err(Error::malformed)?;
            whole = whole.parts(CompletedPart::builder().part_number(number).set_e_tag(part.etag).build());
        }
        let mut complete = self
            .s3
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(keys::file_object(file))
            .upload_id(upload_id)
            .multipart_upload(whole.build());
        if let Checksum::Crc64Nvme(bytes) = file.checksum {
            complete = complete.checksum_crc64_nvme(STANDARD.encode(bytes)).checksum_type(ChecksumType::FullObject);
        }
        match complete.send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, "NoSuchUpload") => Err(NotCompleted::NoUpload),
            Err(error) if is(&error, "BadDigest") => Err(NotCompleted::OtherContent),
            Err(error) if is(&error, "InvalidPart") => Err(NotCompleted::PartChanged),
            Err(error) => Err(service("CompleteMultipartUpload")(error).into()),
        }
    }

    /// How many bytes lie under the file's key, if any do.
    pub async fn stored_size(&self, file: &File) -> Result<Option<u64>> {
        match self.s3.head_object().bucket(&self.bucket).key(keys::file_object(file)).send().await {
            Ok(head) => Ok(head.content_length().and_then(|length| u64::try_from(length).ok())),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => Ok(None),
            Err(error) => Err(service("HeadObject")(error)),
        }
    }

    /// The content of a file, or a range of it as the caller's `Range` header wants it.
    pub async fn content(&self, file: &File, range: Option<&str>) -> Result<Download> {
        let got = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(keys::file_object(file))
            .set_range(range.map(str::to_owned))
            .send()
            .await;
        let object = match got {
            Err(error) if is(&error, "NoSuchKey") => return Ok(Download::Gone),
            Err(error) if is(&error, "InvalidRange") => return Ok(Download::NoSuchRange),
            other => other.map_err(service("GetObject"))?,
        };
        Ok(Download::Content(Content { length: length(&object)?, range: object.content_range, bytes: object.body }))
    }

    /// An address to get a file from, which is saved under this disposition and never shown.
    pub async fn content_url(&self, file: &File, disposition: &str) -> Result<String> {
        let request = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(keys::file_object(file))
            .response_content_disposition(disposition)
            .response_content_type(file.content_type.as_str())
            .presigned(presigning()?)
            .await
            .map_err(service("GetObject"))?;
        Ok(request.uri().to_owned())
    }

    /// An address for a runner to get an attached file from.
    pub async fn attachment_url(&self, owner: UserId, id: FileId) -> Result<String> {
        let key = keys::file_object_of(owner, id);
        let request = self.s3.get_object().bucket(&self.bucket).key(key).presigned(presigning()?).await;
        Ok(request.map_err(service("GetObject"))?.uri().to_owned())
    }

    /// Removes what there is of a file's content. Repeating it does no harm.
    pub async fn delete_content(&self, file: &File) -> Result<()> {
        // The upload first: it could be put together between the two otherwise.
        if let Some(upload_id) = &file.upload_id {
            self.abandon_upload(file.owner, file.id, upload_id).await?;
        }
        let delete = self.s3.delete_object().bucket(&self.bucket).key(keys::file_object(file));
        delete.send().await.map(drop).map_err(service("DeleteObject"))
    }
}

fn presigning() -> Result<PresigningConfig> {
    PresigningConfig::expires_in(Duration::from_secs(limits::FILE_URL_SECONDS)).map_err(Error::malformed)
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error.as_service_error().and_then(|error| error.code()) == Some(code)
}
