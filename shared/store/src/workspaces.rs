//! Looks into a session's last snapshot: what lies in the workspace, and single files of it.

use std::io::Read;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use domain::limits;
use domain::session::Snapshot;
use domain::tree::{TRAILER_BYTES, Tree, list_bytes};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use crate::Store;
use crate::item::{Error, Result, service};
use crate::objects::found;

/// Bytes at a snapshot's end that are read first: the whole list of most.
const GUESS: u64 = 256 * 1024;
/// Bytes that are handed on at once.
const CHUNK: usize = 64 * 1024;

impl Store {
    /// What lies in the snapshot; `None` when it is gone or has no list.
    pub async fn tree(&self, snapshot: &Snapshot) -> Result<Option<Tree>> {
        let Some(mut end) = self.end_of(snapshot, GUESS).await? else { return Ok(None) };
        let Some(length) = end.len().checked_sub(TRAILER_BYTES as usize).and_then(|at| list_bytes(&end[at..])) else {
            return Ok(None);
        };
        let bytes = length + TRAILER_BYTES;
        if length > limits::TREE_BYTES_MAX {
            return Ok(None);
        }
        if bytes > end.len() as u64 {
            let Some(more) = self.end_of(snapshot, bytes).await? else { return Ok(None) };
            end = more;
        }
        let begin =
            end.len().checked_sub(bytes as usize).ok_or_else(|| Error::malformed("a snapshot without its end"))?;
        let packed = &end[begin..end.len() - TRAILER_BYTES as usize];
        let decoder = zstd::Decoder::new(packed).map_err(Error::malformed)?;
        serde_json::from_reader(decoder.take(limits::TREE_UNPACKED_BYTES_MAX)).map(Some).map_err(Error::malformed)
    }

    /// The last bytes of a snapshot.
    async fn end_of(&self, snapshot: &Snapshot, bytes: u64) -> Result<Option<Bytes>> {
        let Some(last) = snapshot.bytes.checked_sub(1) else { return Ok(None) };
        let range = format!("bytes={}-{last}", snapshot.bytes.saturating_sub(bytes));
        match self.ranged(snapshot, range).await? {
            Some(body) => Ok(Some(body.collect().await.map_err(Error::malformed)?.into_bytes())),
            None => Ok(None),
        }
    }

    /// `size` bytes of what the snapshot unpacks to, `skip` behind the beginning of a
    /// frame; `None` when the snapshot is gone.
    pub async fn unpacked(
        &self,
        snapshot: &Snapshot,
        frame: u64,
        skip: u64,
        size: u64,
    ) -> Result<Option<impl Stream<Item = Result<Bytes>> + Send + use<>>> {
        let Some(body) = self.ranged(snapshot, format!("bytes={frame}-")).await? else { return Ok(None) };
        let decoder = Decoder::new().map_err(Error::malformed)?;
        let unpacking = Unpacking { body, decoder, packed: Bytes::new(), read: 0, skip, left: size };
        Ok(Some(try_unfold(unpacking, |mut unpacking| async move {
            Ok(unpacking.next().await?.map(|chunk| (chunk, unpacking)))
        })))
    }

    async fn ranged(&self, snapshot: &Snapshot, range: String) -> Result<Option<ByteStream>> {
        let object = found(self.s3.get_object().bucket(&self.bucket).key(&snapshot.key).range(range)).await?;
        Ok(object.map(|object| object.body))
    }

    /// An address to get the whole snapshot from, which is saved under this disposition.
    pub async fn archive_url(&self, snapshot: &Snapshot, disposition: &str) -> Result<String> {
        let expiry = std::time::Duration::from_secs(limits::FILE_URL_SECONDS);
        let request = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(&snapshot.key)
            .response_content_disposition(disposition)
            .response_content_type("application/zstd")
            .presigned(PresigningConfig::expires_in(expiry).map_err(Error::malformed)?)
            .await
            .map_err(service("GetObject"))?;
        Ok(request.uri().to_owned())
    }
}

/// A stretch of a snapshot on its way. What little unpacks to much is handed on in
/// pieces, so that it takes no more memory than anything else.
struct Unpacking {
    body: ByteStream,
    decoder: Decoder<'static>,
    packed: Bytes,
    /// Of `packed`.
    read: usize,
    skip: u64,
    left: u64,
}

impl Unpacking {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.left > 0 {
            let mut chunk = vec![0; CHUNK];
            let (read, written) = {
                let mut input = InBuffer::around(&self.packed[self.read..]);
                let mut output = OutBuffer::around(&mut chunk[..]);
                self.decoder.run(&mut input, &mut output).map_err(Error::malformed)?;
                (input.pos(), output.pos())
            };
            self.read += read;
            if written == 0 && self.read == self.packed.len() {
                let more = self.body.try_next().await.map_err(Error::malformed)?;
                self.packed = more.ok_or_else(|| Error::malformed("a snapshot that ends too early"))?;
                self.read = 0;
                continue;
            }
            let skipped = self.skip.min(written as u64);
            self.skip -= skipped;
            let taken = self.left.min(written as u64 - skipped);
            self.left -= taken;
            if taken > 0 {
                let from = skipped as usize;
                return Ok(Some(Bytes::from(chunk).slice(from..from + taken as usize)));
            }
        }
        Ok(None)
    }
}
