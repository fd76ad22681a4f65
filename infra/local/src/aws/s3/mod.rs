//! S3: `s3s-fs` on a folder, behind a lock per key.
//!
//! Bare, `s3s-fs` lets two conditional puts of one key both win, reads an
//! object while it is replaced, and takes a key with `..` into another bucket. It
//! compares no checksum of an upload in parts and overlooks what a presigned URL
//! says of the answer's headers. Only the access key that began an upload may go on with it, while
//! in S3 the bucket owns it.

mod answer;
mod cors;
mod upload;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::RwLock;

use super::access::signer;
use crate::fault::Faults;
use crate::template::{Bucket, CorsRule};

/// Keys share this many locks: enough that two keys seldom wait for each other.
const LOCKS: usize = 64;

/// The buckets of the local stack.
#[derive(Clone)]
pub struct S3 {
    folder: PathBuf,
    buckets: Arc<[Bucket]>,
    service: S3Service,
    locks: Arc<[RwLock<()>; LOCKS]>,
    faults: Faults,
}

impl S3 {
    /// Opens the store in this folder and makes the buckets that are missing.
    ///
    /// Whoever signs with one of the access keys has the same secret key.
    pub fn open(
        folder: &Path,
        buckets: Vec<Bucket>,
        access_keys: &[&str],
        secret_key: &str,
        faults: Faults,
    ) -> Result<Self> {
        for bucket in &buckets {
            let folder = folder.join(&bucket.name);
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        // The error does not implement `std::error::Error`.
        let files = FileSystem::new(folder).map_err(|error| anyhow::anyhow!("cannot open the S3 store: {error:?}"))?;
        let mut builder = S3ServiceBuilder::new(files);
        let mut auth = SimpleAuth::new();
        for key in access_keys {
            auth.register((*key).to_owned(), secret_key.into());
        }
        builder.set_auth(auth);
        let folder = folder.to_owned();
        let locks = Arc::new(std::array::from_fn(|_| RwLock::new(())));
        Ok(Self { folder, buckets: buckets.into(), service: builder.build(), locks, faults })
    }

    /// The HTTP surface that the SDKs and presigned URLs talk to.
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    /// The rules of the bucket that a path leads into.
    fn cors(&self, path: &str) -> &[CorsRule] {
        let name = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.buckets.iter().find(|bucket| bucket.name == name).map_or(&[], |bucket| bucket.cors.as_slice())
    }

    fn lock(&self, path: &str) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        &self.locks[hasher.finish() as usize % LOCKS]
    }
}

/// Browsers ask before they put anything here, and hide an answer that they are not told to show.
async fn handle(State(s3): State<S3>, request: Request) -> Response {
    let page = cors::Page::of(&request, s3.cors(request.uri().path()));
    match page {
        Some(page) if *request.method() == Method::OPTIONS => page.preflight(),
        Some(page) => page.show(serve(&s3, request).await),
        None => serve(&s3, request).await,
    }
}

async fn serve(s3: &S3, request: Request) -> Response {
    if climbs(request.uri().path()) {
        return (StatusCode::BAD_REQUEST, "the local stack refuses keys with `.` or `..` as a part").into_response();
    }
    if *request.method() == Method::PUT
        && let Some(status) = s3.faults.next_refused_put().and_then(|status| StatusCode::from_u16(status).ok())
    {
        return (status, "<Error><Code>SlowDown</Code><Message>a fault was asked for</Message></Error>")
            .into_response();
    }
    let lock = s3.lock(request.uri().path());
    let wishes = answer::wishes(&request);
    let upload = upload::Upload::of(&request);
    let request = request.map(s3s::Body::http_body_unsync);
    let answer = if matches!(*request.method(), Method::GET | Method::HEAD) {
        let _shared = lock.read().await;
        if upload.is_some_and(|upload| !upload.is_known(&s3.folder)) {
            return upload::refusal(StatusCode::NOT_FOUND, "NoSuchUpload");
        }
        s3.service.call(request).await
    } else {
        let _alone = lock.write().await;
        match upload {
            Some(upload) if !upload.is_known(&s3.folder) => {
                return upload::refusal(StatusCode::NOT_FOUND, "NoSuchUpload");
            }
            Some(upload) if !upload.has_its_checksum(&s3.folder).await => {
                return upload::refusal(StatusCode::BAD_REQUEST, "BadDigest");
            }
            Some(upload) => upload.hand_to(signer(request.headers(), request.uri()).as_deref(), &s3.folder),
            None => {}
        }
        s3.service.call(request).await
    };
    match answer {
        Ok(answer) => answer::fulfil(answer.map(Body::new), wishes),
        Err(error) => {
            tracing::error!(error = ?error, "S3 emulation failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether a part of the path, percent-encoded or not, is `.` or `..`.
fn climbs(path: &str) -> bool {
    let decoded = path.replace("%2e", ".").replace("%2E", ".").replace("%2f", "/").replace("%2F", "/");
    decoded.split('/').any(|part| part == ".." || part == ".")
}

#[cfg(test)]
mod tests;
