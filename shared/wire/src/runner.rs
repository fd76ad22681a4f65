//! Frames between a runner and the relay, as JSON text on the runner's socket.
//!
//! A runner sends one `append` at a time and repeats it until it is
//! acknowledged; a repeat is recognised by its batch number. Frames of a socket
//! may overtake each other in either direction.

use std::collections::BTreeMap;

use domain::event::{Entry, PermissionReply};
use domain::message::TurnError;
use domain::session::{Outcome, Permissions};
use domain::{Epoch, MessageId, Repository, Seq, SessionId, TurnNumber, Workspace};
use serde::{Deserialize, Serialize};

/// Bytes of the largest frame that goes by socket (AWS closes one over 32 KB);
/// a larger one is posted to `/agent/sessions/{id}/append`.
pub const FRAME_BYTES_MAX: usize = 30 * 1024;

/// Code of the error that a frame is answered with that no repeat makes better.
pub const INVALID_FRAME: &str = "invalid_frame";

/// What a runner says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum FromRunner {
    /// First frame of every connection; answered by `welcome`.
    Hello { epoch: Epoch },
    /// Puts events at the head of the log; answered by `ack`.
    Append(Append),
    /// Sign of life; answered by `alive`.
    Heartbeat { epoch: Epoch },
    /// A snapshot of this size is ready; answered by `snapshot_upload`.
    SnapshotReady { epoch: Epoch, bytes: u64 },
    /// It was put where `snapshot_upload` said; answered by `snapshot_committed`.
    SnapshotStored { epoch: Epoch, version: u64, bytes: u64 },
    /// Idle for long and all put by; answered by `stop`, or by `turn` if one came
    /// in between.
    Leave { epoch: Epoch },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Append {
    pub epoch: Epoch,
    /// Counts this epoch's batches from 1; a repeat has the same number.
    pub batch: u64,
    /// The log's head as the last `welcome` or `ack` told it.
    pub after: Seq,
    pub events: Vec<Entry>,
    /// Ends the turn. The relay adds `message.completed` and the turn's end to
    /// the log itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Outcome>,
    /// Milliseconds that the oldest of the events has waited. For measurement alone, as the next.
    #[serde(default)]
    pub waited_ms: u64,
    /// The first piece of the turn's answer is in it.
    #[serde(default)]
    pub first_words: bool,
}

/// What the relay says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToRunner {
    Welcome(Welcome),
    Ack(Ack),
    Alive(Alive),
    /// Someone has begun to watch: what waits may go at once. Each `ack` says the same.
    Watched {},
    /// This turn is in hand: run it, unless it is running or done already.
    Turn(Turn),
    /// Stop the turn of this number and finish it as cancelled.
    Abort {
        turn: TurnNumber,
    },
    Permission {
        permission_id: String,
        #[serde(flatten)]
        reply: PermissionReply,
    },
    /// Without `answers`, the question is dismissed.
    Question {
        question_id: String,
        #[serde(default)]
        answers: Option<Vec<Vec<String>>>,
    },
    /// Put the snapshot there, with these headers, by HTTP PUT.
    SnapshotUpload {
        version: u64,
        url: String,
        headers: BTreeMap<String, String>,
    },
    /// The snapshot is what the next sandbox begins with.
    SnapshotCommitted {
        version: u64,
    },
    /// Fenced, terminated or no longer needed: end OpenCode and exit.
    Stop {
        reason: String,
    },
    /// The frame was not understood or not carried out; an append may be repeated.
    Error(TurnError),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    pub session: SessionSetup,
    pub head: Seq,
    /// The last batch of this epoch that is in the log, 0 for none.
    pub last_batch: u64,
    pub turn: Option<Turn>,
    pub heartbeat_seconds: u64,
    /// What to begin with; absent in a session's first sandbox.
    #[serde(default)]
    pub snapshot: Option<SnapshotSource>,
    /// Seconds without a turn after which to put everything by and `leave`.
    #[serde(default = "idle_stop_default")]
    pub idle_stop_seconds: u64,
}

fn idle_stop_default() -> u64 {
    domain::limits::IDLE_STOP_SECONDS
}

/// A snapshot to restore before OpenCode starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotSource {
    pub version: u64,
    /// For HTTP GET.
    pub url: String,
    pub bytes: u64,
}

/// What a runner needs to know of its session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionSetup {
    pub id: SessionId,
    pub title: String,
    pub workspace: Workspace,
    /// To be cloned into an empty workspace.
    #[serde(default)]
    pub repository: Option<Repository>,
    pub model: Option<String>,
    /// What tools may do without asking.
    #[serde(default)]
    pub permissions: Permissions,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    pub batch: u64,
    /// The new head, after this batch and what others wrote.
    pub head: Seq,
    /// Whether anyone watches. Text may come at a slower pace while nobody does.
    #[serde(default = "watched_default")]
    pub watched: bool,
    /// The turn in hand after a `finish`, if there is a next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

fn watched_default() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alive {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// `POST /agent/sessions/{id}/outputs`, by the runner: a text is too large for an
/// event and to be kept whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepText {
    pub epoch: Epoch,
    /// What it is, such as `prt_…-output`: letters, digits, `.`, `_` and `-`.
    pub name: String,
    pub bytes: u64,
}

/// Put it there, with these headers, by HTTP PUT; from then on it is read at `href`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepAt {
    pub href: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

/// The answer of `POST /agent/sessions/{id}/git`: what opens the session's repository.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitAccess {
    /// Where git's calls go, without a slash at its end.
    pub url: String,
    /// The value of the header that goes with them.
    pub authorization: String,
    pub expires_at: Option<jiff::Timestamp>,
}

/// A turn to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub number: TurnNumber,
    /// The prompt; OpenCode's ids are derived from it, so that a repeat is recognised.
    pub message_id: MessageId,
    /// The id that the answer must have.
    pub answer_id: MessageId,
    pub content: String,
    /// What is to lie in the workspace before the agent is given the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<TurnAttachment>,
    /// The trace that it goes on with, as W3C's `traceparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The user has asked to stop it.
    #[serde(default)]
    pub abort: bool,
}

/// A file that comes with a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnAttachment {
    /// Where it is to lie, from the session's workspace on.
    pub path: String,
    /// For HTTP GET.
    pub url: String,
    /// Bytes.
    pub size: u64,
    pub content_type: String,
}
