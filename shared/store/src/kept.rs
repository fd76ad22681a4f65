//! Texts too large for a message, kept whole in the bucket: put there by presigned
//! URL, read through the API.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use domain::message::diff_name;
use domain::{Epoch, Session, SessionId, TurnNumber, UserId, limits};
use futures_util::Stream;
use futures_util::stream::try_unfold;

use crate::item::{Error, Result, service};
use crate::objects::found;
use crate::snapshots::{headers, presigning};
use crate::{Store, keys};

/// What a kept text is called in its session; safe in a key and in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptName(String);

impl FromStr for KeptName {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        let safe = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        let fits = (1..=limits::KEPT_NAME_CHARS_MAX).contains(&name.len()) && !name.starts_with('.');
        (safe && fits).then(|| Self(name.to_owned())).ok_or(())
    }
}

/// Where a runner may put a text, and what it is called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptUpload {
    pub name: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

impl Store {
    /// An address for a text of exactly `bytes` bytes. Its epoch is in its name, so
    /// that a fenced runner can't overwrite what the next one kept.
    pub async fn kept_upload(
        &self,
        session: &Session,
        epoch: Epoch,
        name: &KeptName,
        bytes: u64,
    ) -> Result<KeptUpload> {
        let name = format!("{}.{epoch}", name.0);
        let request = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(format!("{}{name}", keys::kept_prefix(session.owner, session.id)))
            .content_length(i64::try_from(bytes).map_err(Error::malformed)?)
            .presigned(presigning()?)
            .await
            .map_err(service("PutObject"))?;
        Ok(KeptUpload { headers: headers(&request), url: request.uri().to_owned(), name })
    }

    /// A kept text; `None` when there is none of this name.
    pub async fn kept(
        &self,
        owner: UserId,
        session: SessionId,
        name: &KeptName,
    ) -> Result<Option<impl Stream<Item = Result<Bytes>> + Send + use<>>> {
        let key = format!("{}{}", keys::kept_prefix(owner, session), name.0);
        let Some(object) = found(self.s3.get_object().bucket(&self.bucket).key(key)).await? else { return Ok(None) };
        Ok(Some(try_unfold(object.body, |mut body| async move {
            Ok(body.try_next().await.map_err(Error::malformed)?.map(|chunk| (chunk, body)))
        })))
    }

    /// What a turn changed, as the last runner that had it in hand kept it.
    pub async fn kept_diff(
        &self,
        owner: UserId,
        session: SessionId,
        turn: TurnNumber,
    ) -> Result<Option<impl Stream<Item = Result<Bytes>> + Send + use<>>> {
        let prefix = keys::kept_prefix(owner, session);
        let diffs = format!("{prefix}{}.", diff_name(turn));
        let listed = self.s3.list_objects_v2().bucket(&self.bucket).prefix(&diffs).send().await;
        let listed = listed.map_err(service("ListObjectsV2"))?;
        let epochs = listed.contents().iter().filter_map(|object| object.key()?.strip_prefix(&diffs)?.parse().ok());
        let Some(epoch): Option<Epoch> = epochs.max() else { return Ok(None) };
        self.kept(owner, session, &KeptName(format!("{}.{epoch}", diff_name(turn)))).await
    }

    /// Deletes all that is kept of a session.
    pub async fn delete_kept(&self, session: &Session) -> Result<()> {
        let prefix = keys::kept_prefix(session.owner, session.id);
        let list = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = list.into_paginator().send();
        while let Some(page) = pages.next().await {
            for object in page.map_err(service("ListObjectsV2"))?.contents() {
                let delete = self.s3.delete_object().bucket(&self.bucket).set_key(object.key().map(str::to_owned));
                delete.send().await.map_err(service("DeleteObject"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (name, good) in [
            ("1-prt_2035x.1-output", true),
            ("", false),
            ("..", false),
            ("../../other/kept/1-x", false),
            ("a/b", false),
            ("a%2fb", false),
            (&*"x".repeat(129), false),
        ] {
            assert_eq!(name.parse::<KeptName>().is_ok(), good, "{name}");
        }
    }
}
