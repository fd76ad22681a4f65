//! Frames between a viewer (a browser, a script) and the relay.

use domain::event::PermissionReply;
use domain::{Event, FileId, Seq};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ErrorDetail;

/// What a viewer says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromViewer {
    /// Watch from behind `after` on. Repeat it when a number is missing.
    Subscribe {
        #[serde(default)]
        after: Seq,
    },
    Prompt {
        content: String,
        #[serde(default)]
        client_id: Option<String>,
        #[serde(default)]
        attachments: Vec<FileId>,
        /// The trace that its turn goes on with; by HTTP it is the header.
        #[serde(default)]
        traceparent: Option<String>,
    },
    Abort {},
    Permission {
        permission_id: String,
        #[serde(flatten)]
        reply: PermissionReply,
    },
    Question {
        question_id: String,
        #[serde(default)]
        answers: Option<Vec<Vec<String>>>,
    },
    /// Keeps an idle socket open (AWS ends one after 10 quiet minutes).
    Ping {},
}

/// What the relay says to a viewer. Frames may overtake each other: order events
/// by `seq`, drop what was seen, subscribe again behind a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToViewer<'a> {
    Events(&'a [Event]),
    Subscribed(Subscribed),
    Pong {
        at: Timestamp,
        /// The log's last event: who has less and hears nothing subscribes again.
        head: Seq,
    },
    /// A `prompt` was taken.
    Accepted(crate::messages::MessageAccepted),
    Error(ErrorDetail),
    Closed {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// All events up to here were sent, or are on their way.
    pub head: Seq,
    /// Reconnect before this time, with `after` = the last event seen; AWS ends
    /// a socket after two hours.
    pub reconnect_before: Timestamp,
}

/// A single-use ticket for `wss://…/agent/sessions/{id}/ws?ticket=…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    pub ticket: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}
