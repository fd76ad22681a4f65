//! The courier with a relay and a bucket that do as the test says.

use std::io::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::put;
use bytes::Bytes;
use tempfile::NamedTempFile;

use super::*;
use crate::relay::{Outgoing, to_a_test};
use crate::snapshot::tree::Fingerprint;

/// An upload as it came: its headers and its bytes.
type Upload = (HeaderMap, Bytes);

/// A courier at work.
struct Bench {
    packed: watch::Sender<Option<Packed>>,
    to_courier: mpsc::UnboundedSender<ToRunner>,
    said: mpsc::UnboundedReceiver<Outgoing>,
    news: mpsc::UnboundedReceiver<News>,
    url: String,
    uploads: mpsc::UnboundedReceiver<Upload>,
}

impl Bench {
    /// With a bucket that fails the first `failures` uploads.
    async fn start(failures: usize) -> Self {
        let (line, said) = to_a_test();
        let (to_courier, frames) = mpsc::unbounded_channel();
        let (tell, news) = mpsc::unbounded_channel();
        let packed = watch::Sender::new(None);
        tokio::spawn(Courier::new(7, line, packed.subscribe(), frames, tell).run());
        let (seen, uploads) = mpsc::unbounded_channel();
        let url = bucket(failures, seen).await;
        Self { packed, to_courier, said, news, url, uploads }
    }

    fn pack(&self, number: u64, content: &str) {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let (bytes, fingerprint) = (content.len() as u64, Fingerprint::default());
        self.packed.send_replace(Some(Packed {
            number,
            file: Arc::new(file),
            bytes,
            fingerprint,
            tree: Arc::default(),
        }));
    }

    async fn said(&mut self) -> FromRunner {
        match self.said.recv().await.unwrap() {
            Outgoing::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    /// Answers an offer of `bytes` bytes with an address.
    async fn offer(&mut self, version: u64, bytes: u64) {
        assert_eq!(self.said().await, FromRunner::SnapshotReady { epoch: 7, bytes });
        let headers =
            BTreeMap::from([("content-length".to_owned(), bytes.to_string()), ("x-given".into(), "yes".into())]);
        self.to_courier.send(ToRunner::SnapshotUpload { version, url: self.url.clone(), headers }).unwrap();
    }

    async fn commit(&mut self, version: u64, bytes: u64) {
        assert_eq!(self.said().await, FromRunner::SnapshotStored { epoch: 7, version, bytes });
        self.to_courier.send(ToRunner::SnapshotCommitted { version }).unwrap();
    }

    async fn delivered(&mut self) -> u64 {
        match self.news.recv().await.unwrap() {
            News::Delivered { number, .. } => number,
            other => panic!("{other:?}"),
        }
    }
}

async fn bucket(failures: usize, seen: mpsc::UnboundedSender<Upload>) -> String {
    let left = Arc::new(std::sync::atomic::AtomicUsize::new(failures));
    let take = async move |State(left): State<Arc<std::sync::atomic::AtomicUsize>>, headers: HeaderMap, body: Bytes| {
        let fails = left.try_update(std::sync::atomic::Ordering::SeqCst, std::sync::atomic::Ordering::SeqCst, |left| {
            left.checked_sub(1)
        });
        seen.send((headers, body)).unwrap();
        if fails.is_ok() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/snapshot", listener.local_addr().unwrap());
    let router = Router::new().route("/snapshot", put(take)).with_state(left);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn a_snapshot_is_put_as_the_relay_says_and_counts_when_it_says_so() {
    let mut bench = Bench::start(0).await;
    bench.pack(3, "content");
    bench.offer(1, 7).await;
    let (headers, body) = bench.uploads.recv().await.unwrap();
    assert_eq!(
        (&headers["content-length"], &headers["x-given"], &body[..]),
        (&"7".parse().unwrap(), &"yes".parse().unwrap(), &b"content"[..])
    );
    assert!(bench.news.try_recv().is_err());
    bench.commit(1, 7).await;
    assert_eq!(bench.delivered().await, 3);
}

#[tokio::test]
async fn a_failed_upload_is_tried_again_from_the_start() {
    let mut bench = Bench::start(2).await;
    bench.pack(1, "content");
    for version in [1, 1, 1] {
        bench.offer(version, 7).await;
        assert_eq!(&bench.uploads.recv().await.unwrap().1[..], b"content");
    }
    bench.commit(1, 7).await;
    assert_eq!(bench.delivered().await, 1);
}

#[tokio::test]
async fn a_newer_snapshot_takes_the_place_of_one_that_fails() {
    let mut bench = Bench::start(1).await;
    bench.pack(1, "older");
    bench.offer(1, 5).await;
    bench.pack(2, "newest");
    assert_eq!(&bench.uploads.recv().await.unwrap().1[..], b"older");
    bench.offer(1, 6).await;
    assert_eq!(&bench.uploads.recv().await.unwrap().1[..], b"newest");
    bench.commit(1, 6).await;
    assert_eq!(bench.delivered().await, 2);
}
