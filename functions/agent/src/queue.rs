//! Changes a message that waits: other words, or taken back.

use domain::session::Prompt;
use domain::{Message, MessageId, SessionId, UserId};

use crate::transition::{Outcome, Reads, settle, transition};
use crate::{AgentError, Deps};

/// Gives a waiting message other words.
pub async fn edit(
    deps: &Deps,
    owner: UserId,
    id: SessionId,
    message_id: MessageId,
    content: &str,
) -> Result<Message, AgentError> {
    let session = deps.store.session(owner, id).await?.ok_or(AgentError::NoSession)?;
    let queued = session.queued_message(message_id)?;
    let prompt = deps.store.prompt(owner, id, queued.turn).await?.ok_or(AgentError::NotQueued)?;
    let prompt = Prompt { content: content.to_owned(), ..prompt };
    let now = web::now();
    let outcome = transition(&deps.store, owner, id, now, Reads::Nothing, |at| {
        Ok(Some(at.session.edit_queued(&prompt, now)?.into()))
    })
    .await?;
    changed(deps, owner, id, queued.turn, outcome).await
}

/// Takes a waiting message back.
pub async fn cancel(deps: &Deps, owner: UserId, id: SessionId, message_id: MessageId) -> Result<Message, AgentError> {
    let session = deps.store.session(owner, id).await?.ok_or(AgentError::NoSession)?;
    let queued = session.queued_message(message_id)?;
    let now = web::now();
    let outcome = transition(&deps.store, owner, id, now, Reads::Nothing, |at| {
        Ok(Some(at.session.cancel_queued(message_id, now)?.into()))
    })
    .await?;
    changed(deps, owner, id, queued.turn, outcome).await
}

async fn changed(
    deps: &Deps,
    owner: UserId,
    id: SessionId,
    turn: u64,
    outcome: Outcome,
) -> Result<Message, AgentError> {
    if let Outcome::Done { change, committed, .. } = outcome {
        settle(deps, &change, &committed).await;
    }
    deps.store.prompt_message(owner, id, turn).await?.ok_or(AgentError::NotQueued)
}
