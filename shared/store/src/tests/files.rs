//! Files: their list, their share of the quota, and what the sweeper finds.

use domain::file::{Checksum, ContentType, FileName, FileStatus, FileUsage, NewFile};
use domain::limits::FILE_BYTES_MAX;
use domain::{File, UserId};
use futures_util::stream::{StreamExt, iter};

use super::{at, store};
use crate::item::to_item;
use crate::*;

pub(super) fn file(owner: UserId, name: &str, size: u64, seconds: i64) -> File {
    let name = FileName::parse(name).unwrap();
    let checksum = Checksum::sha256_of(b"");
    File::direct(owner, NewFile { name, size, content_type: ContentType::default(), checksum }, at(seconds))
}

fn ready() -> FileFilter {
    FileFilter { status: FileStatus::Ready, prefix: None }
}

async fn usage(store: &Store, owner: UserId) -> (u64, u64) {
    let FileUsage { bytes, files } = store.file_usage(owner).await.unwrap();
    (bytes, files)
}

#[tokio::test]
async fn ten_thousand_files_are_listed_in_pages_each_once_newest_first() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let files: Vec<File> = (0..10_000)
        .map(|n| file(owner, &format!("{}/{n}.txt", if n % 1_000 == 7 { "rare" } else { "usual" }), 1, n).ready())
        .collect();
    iter(&files)
        .for_each_concurrent(16, |file| {
            let store = store.clone();
            async move { store.put(to_item(keys::file(owner, file.id), file).unwrap()).await.unwrap() }
        })
        .await;

    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.files(owner, &ready(), after, 100).await.unwrap();
        assert!(next.is_none() || page.len() == 100);
        listed.extend(page);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let newest_first: Vec<File> = files.iter().rev().cloned().collect();
    assert_eq!(listed, newest_first);

    let rare = FileFilter { prefix: Some("rare/".into()), ..ready() };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.files(owner, &rare, after, 4).await.unwrap();
        assert!(page.len() <= 4);
        found.extend(page.into_iter().map(|file| file.name.as_str().to_owned()));
        after = next;
        if after.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..10).rev().map(|n| format!("rare/{}.txt", n * 1_000 + 7)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn another_tenants_file_does_not_resolve_and_is_not_listed() {
    let store = store().await;
    let (owner, other) = (UserId::mint(at(0)), UserId::mint(at(0)));
    let mine = file(owner, "mine", 5, 0);
    store.begin_file(&mine, None, at(0)).await.unwrap();
    store.finish_file(&mine).await.unwrap();
    assert_eq!(store.file(other, mine.id).await.unwrap(), None);
    assert_eq!(store.files(other, &ready(), None, 10).await.unwrap(), (Vec::new(), None));
    assert_eq!(store.file(owner, mine.id).await.unwrap(), Some(mine.ready()));
}

#[tokio::test]
async fn the_quota_is_what_the_files_weigh_whatever_is_repeated() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let kept = file(owner, "kept", 10, 0);
    let gone = file(owner, "gone", 100, 1);
    let request = Idempotency::new("k".into(), b"gone");
    assert_eq!(store.begin_file(&kept, None, at(0)).await.unwrap(), Begun::New);
    assert_eq!(store.begin_file(&gone, Some(&request), at(0)).await.unwrap(), Begun::New);
    let again = file(owner, "gone", 100, 2);
    assert_eq!(store.begin_file(&again, Some(&request), at(0)).await.unwrap(), Begun::Before(gone.id));
    let other = Idempotency::new("k".into(), b"other");
    assert_eq!(store.begin_file(&again, Some(&other), at(0)).await.unwrap(), Begun::Conflict);
    assert_eq!(usage(&store, owner).await, (110, 2));

    assert!(store.finish_file(&gone).await.unwrap());
    assert!(!store.finish_file(&gone).await.unwrap(), "once");
    let deleting = gone.ready().deleting(at(3));
    assert!(store.doom_file(&gone.ready(), &deleting).await.unwrap());
    assert_eq!(usage(&store, owner).await, (110, 2), "its content is still there");
    for _ in 0..3 {
        store.forget_file(&deleting).await.unwrap();
    }
    assert_eq!(usage(&store, owner).await, (10, 1));
}

#[tokio::test]
async fn many_uploads_at_once_never_pass_the_quota() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let storage = Bounds::default().storage_bytes;
    let fit = storage / FILE_BYTES_MAX;
    let files: Vec<File> = (0..12).map(|n| file(owner, &format!("{n}"), FILE_BYTES_MAX, n)).collect();
    let begun = super::join_all(files.iter().map(|file| store.begin_file(file, None, at(0)))).await;
    let count = |outcome| begun.iter().filter(|begun| begun.as_ref().is_ok_and(|begun| *begun == outcome)).count();
    let stored = count(Begun::New) as u64;
    // One that lost every race was told to try again.
    assert!(stored <= fit && stored + count(Begun::OverQuota) as u64 <= 12, "{begun:?}");
    assert_eq!(usage(&store, owner).await, (stored * FILE_BYTES_MAX, stored));
    assert!(usage(&store, owner).await.0 <= storage);
    let one_more = file(owner, "more", storage, 20);
    assert_eq!(store.begin_file(&one_more, None, at(0)).await.unwrap(), Begun::OverQuota);
}

#[tokio::test]
async fn the_sweeper_finds_what_is_due_and_nothing_that_is_ready() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let [left, done, doomed] = [1, 2, 3].map(|n| file(owner, &format!("{n}"), 1, n));
    for file in [&left, &done, &doomed] {
        store.begin_file(file, None, at(0)).await.unwrap();
    }
    store.finish_file(&done).await.unwrap();
    store.finish_file(&doomed).await.unwrap();
    store.doom_file(&doomed.ready(), &doomed.ready().deleting(at(5))).await.unwrap();
    let due = |seconds| {
        let store = store.clone();
        async move { store.due_files(at(seconds)).await.unwrap().into_iter().map(|file| file.id).collect::<Vec<_>>() }
    };
    assert_eq!(due(4).await, []);
    assert_eq!(due(5).await, [doomed.id]);
    assert_eq!(due(10_000).await, [doomed.id, left.id]);
    store.forget_file(&doomed.ready().deleting(at(5))).await.unwrap();
    assert_eq!(due(10_000).await, [left.id]);
}
