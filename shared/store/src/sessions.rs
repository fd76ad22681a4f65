//! Sessions: one item each, changed only under the condition that nobody else did.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::event::Entry;
use domain::session::{Change, Effect, MessageWrite};
use domain::{Event, MessageId, Seq, Session, SessionId, TurnNumber, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::events::EventBatch;
use crate::item::{Error, Result, from_item, n, s, service, to_item};
use crate::{Created, Idempotency, Store, keys};

/// What was answered when the request came for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstAnswer {
    fingerprint: String,
    pub turn: TurnNumber,
    pub answer_id: MessageId,
    /// The log's head before the message.
    pub after: Seq,
}

impl FirstAnswer {
    /// Whether `request` is a repeat, not another request under the same id.
    pub fn answers(&self, request: &Idempotency) -> bool {
        self.fingerprint == request.fingerprint()
    }
}

/// A change and the circumstances under which it is to be written.
pub struct Commit<'a> {
    pub change: &'a Change,
    /// The log's head as it was read; the change's events come right behind it.
    pub head: Seq,
    /// Events that come before the change's own, and the batch that they make
    /// (a runner's closing batch); 0 for none.
    pub leading: Vec<Entry>,
    pub batch: u64,
    pub idempotency: Option<&'a Idempotency>,
    pub now: Timestamp,
}

/// What a commit put into the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    pub events: Vec<Event>,
    pub head: Seq,
}

#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The session or the log has moved on: read again and decide again.
    #[error("another writer was faster")]
    Raced,
    /// The `client_id` was used before.
    #[error("the request was made before")]
    Repeated,
    /// The owner has as many sandboxes as they may, and the change starts one.
    #[error("the user has too many sandboxes")]
    TooManySandboxes,
    #[error(transparent)]
    Store(#[from] Error),
}

impl Store {
    /// Writes a new session; with `request`, only if that was not made before.
    pub async fn create_session(
        &self,
        session: &Session,
        request: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Created<SessionId>> {
        let item = to_item(keys::session(session.owner, session.id), session)?;
        let Some(request) = request else {
            return match self.put_new(item).await? {
                true => Ok(Created::New),
                false => Err(Error::malformed("a new session's id is taken")),
            };
        };
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(self.condition(Condition::New))
            .build()
            .map_err(Error::malformed)?;
        let writes = vec![
            TransactWriteItem::builder().put(put).build(),
            self.put_creation(session.owner, request, session.id, now)?,
        ];
        match self.db.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Created::New),
            Err(error) => match commit_error(&error, true) {
                Some(CommitError::Repeated) => self.created_before(session.owner, request).await,
                Some(CommitError::Store(error)) => Err(error),
                Some(CommitError::Raced | CommitError::TooManySandboxes) => Err(Error::Throttled),
                None => Err(service("TransactWriteItems")(error)),
            },
        }
    }

    /// The owner's session of this id.
    pub async fn session(&self, owner: UserId, id: SessionId) -> Result<Option<Session>> {
        self.get(keys::session(owner, id)).await
    }

    /// The session and its log's head, read at once.
    pub async fn session_and_head(&self, owner: UserId, id: SessionId) -> Result<Option<(Session, Seq)>> {
        let (session, last) = futures_util::future::try_join(self.session(owner, id), self.last_seq(owner, id)).await?;
        Ok(session.map(|session| {
            let head = last.max(session.head);
            (session, head)
        }))
    }

    /// The owner's sessions, newest first, from behind `after`; whether there are more.
    pub async fn sessions(&self, owner: UserId, after: Option<SessionId>, limit: u32) -> Result<(Vec<Session>, bool)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::user_partition(owner)))
            .expression_attribute_values(":prefix", s(keys::SESSION_PREFIX))
            .set_exclusive_start_key(after.map(|id| keys::session(owner, id).into_map()))
            .scan_index_forward(false)
            // One more than asked for tells whether there is another page.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        let mut sessions = page.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<Vec<_>>>()?;
        let more = sessions.len() > limit;
        sessions.truncate(limit);
        Ok((sessions, more))
    }

    /// What was answered to this `client_id`, if it was used before.
    pub async fn first_answer(
        &self,
        owner: UserId,
        session: SessionId,
        client_id: &str,
    ) -> Result<Option<FirstAnswer>> {
        self.get(keys::command(owner, session, client_id)).await
    }

    /// Writes a change whole or not at all, if the session is still as `before`
    /// the change and the log's head still where it was read.
    pub async fn commit(&self, commit: Commit<'_>) -> std::result::Result<Committed, CommitError> {
        let Commit { change, head, leading, batch, idempotency, now } = commit;
        let mut session = change.session.clone();
        let entries: Vec<Entry> = leading.into_iter().chain(change.entries.iter().cloned()).collect();
        let events = EventBatch::number(entries, head, session.epoch, batch, now);
        session.head = events.head();
        if let Some(turn) = &mut session.turn
            && turn.started_at == now
        {
            turn.after = head;
        }

        let mut writes = vec![self.put_session(&session)?];
        if !events.is_empty() {
            writes.push(self.put_events(&session, &events)?);
        }
        for message in &change.messages {
            writes.push(self.write_message(&session, message).await?);
        }
        for message in &change.messages {
            if let MessageWrite::Answer(answer) = message {
                writes.push(self.count_usage(session.owner, answer.usage.unwrap_or_default(), now)?);
            }
        }
        let mut sandbox = None;
        if change.effects.contains(&Effect::StartRunner) {
            writes.push(self.put_live(&session)?);
            // What was taken already is carried out; only a new prompt may be refused.
            let asked = change.messages.iter().any(|write| matches!(write, MessageWrite::Prompt { .. }));
            sandbox = asked.then_some(writes.len());
            writes.push(self.count_sandbox(&session, asked)?);
        }
        if let Some(request) = idempotency {
            writes.push(self.put_first_answer(&session, request, change, head, now)?);
        }
        let asked_once = idempotency.is_some();
        let sent = self.db.transact_write_items().set_transact_items(Some(writes)).send().await;
        match sent {
            Ok(_) => Ok(Committed { head: events.head(), events: events.into_events() }),
            Err(error) => Err(match commit_error(&error, asked_once) {
                Some(CommitError::Raced) if sandbox.is_some_and(|place| only_failed(&error, place)) => {
                    CommitError::TooManySandboxes
                }
                Some(told) => told,
                None => service("TransactWriteItems")(error).into(),
            }),
        }
    }

    fn put_session(&self, session: &Session) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(to_item(keys::session(session.owner, session.id), session)?))
            .condition_expression(self.condition(Condition::SessionUnchanged))
            .expression_attribute_values(":before", n(session.rev - 1))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn put_events(&self, session: &Session, events: &EventBatch) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(events.to_item(session.owner, session.id)?))
            .condition_expression(self.condition(Condition::ChangeAtHead))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    async fn write_message(&self, session: &Session, write: &MessageWrite) -> Result<TransactWriteItem> {
        let builder = TransactWriteItem::builder();
        Ok(match write {
            MessageWrite::Prompt { message, answer_id, traceparent } => {
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(self.prompt_item(session.owner, message, *answer_id, traceparent.as_deref())?))
                    // New, or still waiting: never the words of a turn that has begun.
                    .condition_expression(self.condition(Condition::PromptNotBegun))
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":queued", s("queued"))
                    .build()
                    .map_err(Error::malformed)?;
                builder.put(put).build()
            }
            MessageWrite::Answer(message) => {
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(self.answer_item(session.owner, session.epoch, message).await?))
                    .build()
                    .map_err(Error::malformed)?;
                builder.put(put).build()
            }
            MessageWrite::PromptStatus { turn, status } => {
                let update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(keys::prompt(session.owner, session.id, *turn).into_map()))
                    .update_expression("SET #status = :status")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(
                        ":status",
                        serde_dynamo::to_attribute_value(status).map_err(Error::malformed)?,
                    )
                    .condition_expression(self.condition(Condition::PromptThere))
                    .build()
                    .map_err(Error::malformed)?;
                builder.update(update).build()
            }
        })
    }

    fn put_first_answer(
        &self,
        session: &Session,
        request: &Idempotency,
        change: &Change,
        after: Seq,
        now: Timestamp,
    ) -> Result<TransactWriteItem> {
        let (turn, answer_id) = change
            .messages
            .iter()
            .find_map(|write| match write {
                MessageWrite::Prompt { message, answer_id, .. } => Some((message.turn, *answer_id)),
                _ => None,
            })
            .ok_or_else(|| Error::malformed("only a prompt has an idempotency key"))?;
        let answer = FirstAnswer { fingerprint: request.fingerprint().to_owned(), turn, answer_id, after };
        self.put_record(to_item(keys::command(session.owner, session.id, &request.client_id), &answer)?, now)
    }
}

type TransactionError = aws_sdk_dynamodb::error::SdkError<TransactWriteItemsError>;

/// Why a transaction was cancelled, write by write; empty when it was not.
fn cancellation(error: &TransactionError) -> Vec<&str> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a transaction was cancelled for this reason, among others.
pub(crate) fn cancelled_with(error: &TransactionError, code: &str) -> bool {
    cancellation(error).contains(&code)
}

/// Whether nothing but the condition of the write at `place` failed.
fn only_failed(error: &TransactionError, place: usize) -> bool {
    let failed = |(at, code): (usize, &str)| (at == place) == (code == "ConditionalCheckFailed");
    let codes = cancellation(error);
    !codes.is_empty() && codes.into_iter().enumerate().all(failed)
}

/// What a failure means, if it was foreseen. The idempotency record is the last
/// write of a transaction that has one.
fn commit_error(error: &TransactionError, asked_once: bool) -> Option<CommitError> {
    let codes = cancellation(error);
    if asked_once && codes.last() == Some(&"ConditionalCheckFailed") {
        Some(CommitError::Repeated)
    } else if codes.iter().any(|code| matches!(*code, "ConditionalCheckFailed" | "TransactionConflict")) {
        Some(CommitError::Raced)
    } else if codes.iter().any(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded")) {
        Some(Error::Throttled.into())
    } else {
        None
    }
}
