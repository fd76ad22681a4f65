//! Messages: a turn's prompt and, right behind it, the answer.

use domain::message::{Message, MessageStatus};
use domain::session::Prompt;
use domain::{Epoch, MessageId, SessionId, TurnNumber, UserId, limits};
use serde::{Deserialize, Serialize};

use crate::item::{Error, Item, Result, from_item, s, service, to_item};
use crate::{Store, keys};

/// A place in a session's history, as text for a cursor: `<turn>.0` is the
/// prompt, `<turn>.1` the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessagePosition {
    turn: TurnNumber,
    answer: bool,
}

impl std::fmt::Display for MessagePosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.turn, u8::from(self.answer))
    }
}

impl std::str::FromStr for MessagePosition {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (turn, which) = text.split_once('.').ok_or(())?;
        let answer = match which {
            "0" => false,
            "1" => true,
            _ => return Err(()),
        };
        Ok(Self { turn: turn.parse().map_err(|_| ())?, answer })
    }
}

impl MessagePosition {
    fn of(message: &Message) -> Self {
        Self { turn: message.turn, answer: message.role == domain::message::Role::Assistant }
    }

    fn key(self, owner: UserId, session: SessionId) -> keys::Key {
        match self.answer {
            false => keys::prompt(owner, session, self.turn),
            true => keys::answer(owner, session, self.turn),
        }
    }
}

/// A message as it lies in the table. The status of a prompt changes without
/// its text being written again, so it stands outside.
#[derive(Serialize, Deserialize)]
struct MessageItem {
    status: MessageStatus,
    /// JSON of the message, unless it is too large for the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<String>,
    /// Where in the bucket it lies then.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_id: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
}

impl Store {
    /// The history from behind `after`, oldest first or newest first, and where
    /// the next page begins.
    pub async fn messages(
        &self,
        owner: UserId,
        session: SessionId,
        after: Option<MessagePosition>,
        newest_first: bool,
        limit: u32,
    ) -> Result<(Vec<Message>, Option<MessagePosition>)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":prefix", s(keys::MESSAGE_PREFIX))
            .set_exclusive_start_key(after.map(|position| position.key(owner, session).into_map()))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        // A page ends at 1 MB as well.
        let cut_short = page.last_evaluated_key.is_some();
        let mut messages = Vec::new();
        for item in page.items.unwrap_or_default() {
            messages.push(self.read_message(from_item(item)?).await?);
        }
        let more = messages.len() > limit || cut_short;
        messages.truncate(limit);
        let next = messages.last().filter(|_| more).map(MessagePosition::of);
        Ok((messages, next))
    }

    /// The prompt of a turn, with what is needed to run it.
    pub async fn prompt(&self, owner: UserId, session: SessionId, turn: TurnNumber) -> Result<Option<Prompt>> {
        let Some(item) = self.get::<MessageItem>(keys::prompt(owner, session, turn)).await? else {
            return Ok(None);
        };
        let answer_id = item.answer_id.ok_or_else(|| Error::malformed("a prompt without its answer's id"))?;
        let traceparent = item.traceparent.clone();
        let message = self.read_message(item).await?;
        Ok(Some(Prompt {
            turn,
            message_id: message.id,
            answer_id,
            content: message.content,
            attachments: message.attachments,
            traceparent,
            created_at: message.created_at,
        }))
    }

    /// The prompt of a turn as a message.
    pub async fn prompt_message(&self, owner: UserId, session: SessionId, turn: TurnNumber) -> Result<Option<Message>> {
        match self.get::<MessageItem>(keys::prompt(owner, session, turn)).await? {
            Some(item) => self.read_message(item).await.map(Some),
            None => Ok(None),
        }
    }

    /// The stored answer of a turn.
    pub async fn answer(&self, owner: UserId, session: SessionId, turn: TurnNumber) -> Result<Option<Message>> {
        match self.get::<MessageItem>(keys::answer(owner, session, turn)).await? {
            Some(item) => self.read_message(item).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read_message(&self, item: MessageItem) -> Result<Message> {
        let doc = match (item.doc, item.object) {
            (Some(doc), _) => doc.into_bytes(),
            (None, Some(object)) => self.read_object(&object).await?,
            (None, None) => return Err(Error::malformed("a message without a body")),
        };
        let mut message: Message = serde_json::from_slice(&doc).map_err(Error::malformed)?;
        message.status = item.status;
        Ok(message)
    }

    pub(crate) fn prompt_item(
        &self,
        owner: UserId,
        message: &Message,
        answer_id: MessageId,
        traceparent: Option<&str>,
    ) -> Result<Item> {
        let item = MessageItem {
            status: message.status,
            doc: Some(serde_json::to_string(message).map_err(Error::malformed)?),
            object: None,
            answer_id: Some(answer_id),
            traceparent: traceparent.map(str::to_owned),
        };
        to_item(keys::prompt(owner, message.session_id, message.turn), &item)
    }

    /// The item of an answer; a large one is put into the bucket first. An object
    /// whose transaction then fails is overwritten by the next attempt or unused.
    pub(crate) async fn answer_item(&self, owner: UserId, epoch: Epoch, message: &Message) -> Result<Item> {
        let doc = serde_json::to_string(message).map_err(Error::malformed)?;
        let mut item =
            MessageItem { status: message.status, doc: None, object: None, answer_id: None, traceparent: None };
        if doc.len() <= limits::MESSAGE_INLINE_BYTES_MAX {
            item.doc = Some(doc);
        } else {
            let object = keys::answer_object(owner, message.session_id, message.turn, epoch);
            self.write_object(&object, "application/json", doc.into_bytes()).await?;
            item.object = Some(object);
        }
        to_item(keys::answer(owner, message.session_id, message.turn), &item)
    }
}
