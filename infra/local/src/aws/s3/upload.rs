//! Uploads in parts, as far as `s3s-fs` differs from S3.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest};
use serde::Deserialize;

/// The checksum of the whole that a completion announces.
const ANNOUNCED: &str = "x-amz-checksum-crc64nvme";

/// An upload that a request is about.
pub(super) struct Upload {
    id: String,
    /// What the whole is to have, of a request that puts the parts together.
    checksum: Option<String>,
}

#[derive(Deserialize)]
struct About {
    #[serde(rename = "uploadId")]
    id: String,
}

impl Upload {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let Query(About { id }) = Query::try_from_uri(request.uri()).ok()?;
        let announced = request.headers().get(ANNOUNCED).and_then(|value| value.to_str().ok());
        let checksum = announced.filter(|_| request.method() == Method::POST).map(str::to_owned);
        Some(Self { id, checksum })
    }

    /// Whether the upload was begun, and neither given up nor put together.
    pub(super) fn is_known(&self, folder: &Path) -> bool {
        let is_plain = self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_plain && self.owner(folder).is_file()
    }

    /// Makes this access key the one that may go on with the upload; what a role may do the
    /// template's roles have said.
    pub(super) fn hand_to(&self, access_key: Option<&str>, folder: &Path) {
        let written = std::fs::write(self.owner(folder), serde_json::json!(access_key).to_string());
        if let Err(error) = written {
            tracing::error!(%error, "an upload was not handed over");
        }
    }

    /// Where `s3s-fs` keeps who began the upload.
    fn owner(&self, folder: &Path) -> PathBuf {
        folder.join(format!(".upload-{}.json", self.id))
    }

    /// Whether the parts make what the request announces; true when it announces nothing.
    pub(super) async fn has_its_checksum(&self, folder: &Path) -> bool {
        let Some(announced) = self.checksum.clone() else { return true };
        let (folder, prefix) = (folder.to_owned(), format!(".upload_id-{}.part-", self.id));
        let computed = tokio::task::spawn_blocking(move || checksum(&folder, &prefix)).await;
        computed.is_ok_and(|computed| computed.is_ok_and(|computed| STANDARD.encode(computed) == announced))
    }
}

fn checksum(folder: &Path, prefix: &str) -> io::Result<[u8; 8]> {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    let mut buffer = vec![0; 64 * 1024];
    for number in 1.. {
        let mut part = match File::open(folder.join(format!("{prefix}{number}"))) {
            Ok(part) => part,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        };
        loop {
            match part.read(&mut buffer)? {
                0 => break,
                read => digest.update(&buffer[..read]),
            }
        }
    }
    Ok(digest.finalize().to_be_bytes())
}

/// S3's error, as the SDK reads it.
pub(super) fn refusal(status: StatusCode, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
