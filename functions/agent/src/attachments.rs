//! Files that a message brings along.

use domain::attachment::{Attachment, places};
use domain::file::FileStatus;
use domain::session::Prompt;
use domain::{FileId, UserId, limits};
use futures_util::future::try_join_all;
use store::Store;
use wire::runner::TurnAttachment;

use crate::AgentError;

/// The owner's files of these ids, as they are now.
pub(crate) async fn attached(store: &Store, owner: UserId, ids: &[FileId]) -> Result<Vec<Attachment>, AgentError> {
    if ids.len() > limits::ATTACHMENTS_MAX {
        return Err(AgentError::AttachmentsTooLarge);
    }
    let attachments = try_join_all(ids.iter().map(|id| one(store, owner, *id))).await?;
    if attachments.iter().map(|attachment| attachment.size).sum::<u64>() > limits::ATTACHED_BYTES_MAX {
        return Err(AgentError::AttachmentsTooLarge);
    }
    Ok(attachments)
}

async fn one(store: &Store, owner: UserId, id: FileId) -> Result<Attachment, AgentError> {
    let file = store.file(owner, id).await?.filter(|file| file.status == FileStatus::Ready);
    file.as_ref().map(Attachment::from).ok_or(AgentError::NoFile(id))
}

/// A prompt's attachments with where the runner gets them and lays them.
pub(crate) async fn addressed(
    store: &Store,
    owner: UserId,
    prompt: &Prompt,
) -> Result<Vec<TurnAttachment>, AgentError> {
    let places = places(prompt.turn, &prompt.attachments);
    let mut addressed = Vec::with_capacity(places.len());
    for (attachment, path) in prompt.attachments.iter().zip(places) {
        let url = store.attachment_url(owner, attachment.file_id).await?;
        let content_type = attachment.content_type.as_str().to_owned();
        addressed.push(TurnAttachment { path, url, size: attachment.size, content_type });
    }
    Ok(addressed)
}
