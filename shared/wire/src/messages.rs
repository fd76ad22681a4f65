//! Bodies of `/agent/sessions/{id}/…`.

use domain::event::PermissionReply;
use domain::{FileId, Message, MessageId, Seq, TurnNumber};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /agent/sessions/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The prompt, 64 KB at most.
    pub content: String,
    /// Idempotency key: a repeat with the same body gets the first answer.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Ids of the caller's files, 10 and 1 GiB together at most: the agent finds copies
    /// of them in `attachments/` of its workspace.
    #[serde(default)]
    pub attachments: Vec<FileId>,
}

/// `PATCH /agent/sessions/{id}/messages/{message_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The prompt's new words, 64 KB at most.
    pub content: String,
}

/// The prompt was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageAccepted {
    /// The prompt as it was stored; `status` says whether its turn began.
    pub message: Message,
    /// The id that the answer will have.
    pub answer_id: MessageId,
    #[schema(value_type = u64)]
    pub turn: TurnNumber,
    /// Follow `/agent/sessions/{id}/events?after=` this to see the turn.
    #[schema(value_type = u64)]
    pub after: Seq,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// Follow the events from behind this to learn what is not in the messages: the
    /// whole of the turn in hand, if one is, and what comes.
    #[schema(value_type = u64)]
    pub head: Seq,
}

/// `POST /agent/sessions/{id}/permissions/{permission_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(from = "PermissionReply")] // flattening alone would let unknown fields pass
pub struct AnswerPermission {
    #[serde(flatten)]
    pub reply: PermissionReply,
}

impl From<PermissionReply> for AnswerPermission {
    fn from(reply: PermissionReply) -> Self {
        Self { reply }
    }
}

/// `POST /agent/sessions/{id}/questions/{question_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    /// The chosen labels for each question; absent to dismiss.
    #[serde(default)]
    pub answers: Option<Vec<Vec<String>>>,
}

/// Asked of the runner; its word comes as an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asked {
    /// `asked`, or `done` when it took effect at once.
    pub status: String,
}
