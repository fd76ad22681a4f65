//! Takes a user's message: its turn begins, or it waits in the queue.

use domain::message::MessageStatus;
use domain::session::{MessageWrite, Prompt};
use domain::{Attachment, FileId, MessageId, SessionId, UserId};
use store::Idempotency;
use wire::messages::MessageAccepted;

use crate::attachments::attached;
use crate::transition::{Decision, Outcome, Reads, Situation, make_up, settle, transition};
use crate::{AgentError, Deps};

pub struct SubmitMessage {
    pub owner: UserId,
    pub session: SessionId,
    pub content: String,
    /// Files of the owner that the agent is to have.
    pub attachments: Vec<FileId>,
    pub client_id: Option<String>,
}

/// Stores a message and starts what its turn needs. Repeating a `client_id` with
/// the same content is safe and gets the first answer.
pub async fn submit_message(deps: &Deps, command: SubmitMessage) -> Result<MessageAccepted, AgentError> {
    let now = web::now();
    let SubmitMessage { owner, session: id, content, attachments, client_id } = command;
    let request =
        client_id.map(|client_id| Idempotency::new(client_id, fingerprint(&content, &attachments).as_bytes()));
    let (message_id, answer_id) = (MessageId::mint(now), MessageId::mint(now));
    let traceparent = telemetry::traceparent();

    let outcome = match wanted(deps, owner, &attachments).await {
        Ok(attachments) => {
            let submit = |Situation { session, .. }: &Situation| {
                let (turn, content, attachments) = (session.next_turn, content.clone(), attachments.clone());
                let traceparent = traceparent.clone();
                let prompt = Prompt { turn, message_id, answer_id, content, attachments, traceparent, created_at: now };
                let change = session.submit(&prompt, now)?;
                Ok(Some(Decision { change, leading: &[], batch: 0, idempotency: request.as_ref() }))
            };
            transition(&deps.store, owner, id, now, Reads::Nothing, submit).await
        }
        Err(refused) => Err(refused),
    };

    let refusal = match outcome {
        Ok(Outcome::Done { change, committed, before }) => {
            settle(deps, &change, &committed).await;
            let message = change.messages.into_iter().find_map(|write| match write {
                MessageWrite::Prompt { message, .. } => Some(message),
                _ => None,
            });
            let message = message.ok_or(AgentError::Busy)?;
            return Ok(MessageAccepted { turn: message.turn, message, answer_id, after: before });
        }
        Ok(Outcome::Repeated | Outcome::Unchanged { .. }) => AgentError::Busy,
        Err(error) if error.is_for_the_state() => error,
        Err(error) => return Err(error),
    };
    // A repeat is also refused for the state that the first request brought about.
    let Some(request) = request else { return Err(refusal) };
    let Some(first) = deps.store.first_answer(owner, id, &request.client_id).await? else {
        return Err(refusal);
    };
    if !first.answers(&request) {
        return Err(AgentError::ClientIdReused);
    }
    let message = deps.store.prompt_message(owner, id, first.turn).await?.ok_or(AgentError::NoSession)?;
    // Why is it repeated? Perhaps the first attempt died before its turn had a runner.
    if message.status == MessageStatus::Running {
        make_up(deps, owner, id).await?;
    }
    Ok(MessageAccepted { message, answer_id: first.answer_id, turn: first.turn, after: first.after })
}

/// The files that a message brings along, if the user may send one more.
async fn wanted(deps: &Deps, owner: UserId, ids: &[FileId]) -> Result<Vec<Attachment>, AgentError> {
    web::limit::message(&deps.store, owner).await.map_err(AgentError::Refused)?;
    attached(&deps.store, owner, ids).await
}

/// What makes a message the same as another.
fn fingerprint(content: &str, attachments: &[FileId]) -> String {
    let ids = attachments.iter().map(|id| format!("\0{id}"));
    std::iter::once(content.to_owned()).chain(ids).collect()
}
