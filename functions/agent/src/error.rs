//! What can go wrong in the relay, in the caller's language.

use axum::http::StatusCode;
use domain::limits;
use domain::session::{Fenced, QueueError, SubmitError};
use store::ReadError;
use web::ApiError;
use web::secret::SecretError;

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("there is no session of this id")]
    NoSession,
    #[error("the session is terminated")]
    Terminated,
    #[error("the queue is full")]
    QueueFull,
    #[error("sandboxes keep failing to start")]
    StartsFailing { retry_at: jiff::Timestamp },
    #[error("the user has too many sandboxes")]
    TooManySandboxes,
    /// One of the user's limits is reached, or could not be looked up.
    #[error("refused before anything was done")]
    Refused(ApiError),
    /// The message is not waiting: its turn has begun, or there is none.
    #[error("no such message waits")]
    NotQueued,
    /// The same `client_id` came with another body.
    #[error("the client id was used for another message")]
    ClientIdReused,
    #[error("no turn is in hand")]
    NoTurn,
    /// What a runner said it had stored is not there.
    #[error("the snapshot is not in the bucket")]
    NoSnapshot,
    #[error("no runner is connected")]
    NoRunner,
    #[error(transparent)]
    Fenced(#[from] Fenced),
    /// An attached file is not the user's, or not there yet.
    #[error("there is no file {0} to attach")]
    NoFile(domain::FileId),
    #[error("the attached files are too many or too large")]
    AttachmentsTooLarge,
    /// Lost every race for the write.
    #[error("the session is too busy")]
    Busy,
    #[error("events behind {after} are no longer kept")]
    Expired { after: u64 },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl AgentError {
    /// Whether a message was refused for what has happened before it, which may be
    /// the same message's first attempt.
    pub(crate) fn is_for_the_state(&self) -> bool {
        use AgentError::{NoFile, QueueFull, Refused, StartsFailing, Terminated, TooManySandboxes};
        matches!(self, Terminated | QueueFull | StartsFailing { .. } | TooManySandboxes | Refused(_) | NoFile(_))
    }
}

impl From<SubmitError> for AgentError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Terminated => Self::Terminated,
            SubmitError::QueueFull => Self::QueueFull,
            SubmitError::StartsFailing { retry_at } => Self::StartsFailing { retry_at },
        }
    }
}

impl From<QueueError> for AgentError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::NotQueued => Self::NotQueued,
        }
    }
}

impl From<ReadError> for AgentError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Expired { after } => Self::Expired { after },
            ReadError::Store(error) => Self::Store(error),
        }
    }
}

impl From<AgentError> for ApiError {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::NoSession => Self::session_not_found(),
            AgentError::Terminated => Self::session_terminated(),
            AgentError::QueueFull => Self::new(
                StatusCode::CONFLICT,
                "queue_full",
                format!("{} messages are waiting; send this one when some are answered", limits::QUEUE_MAX),
            ),
            AgentError::StartsFailing { retry_at } => {
                let seconds = u32::try_from(retry_at.duration_since(web::now()).as_secs()).unwrap_or(0).max(1);
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "sandbox_unavailable",
                    format!("the last sandboxes did not start; try again in {seconds} seconds"),
                )
                .retry_after(seconds)
            }
            AgentError::TooManySandboxes => Self::rate_limited(
                limits::SANDBOXES_AT_ONCE.name,
                "as many sessions of yours as may be are at work; terminate one or wait until one has been idle",
                limits::SANDBOX_RETRY_SECONDS,
            ),
            AgentError::Refused(refused) => refused,
            AgentError::NotQueued => {
                Self::new(StatusCode::CONFLICT, "not_queued", "the message does not wait; abort stops a turn in hand")
            }
            AgentError::ClientIdReused => Self::client_id_reused(),
            AgentError::NoTurn => Self::new(StatusCode::CONFLICT, "no_turn", "no turn is in hand"),
            AgentError::NoRunner => {
                Self::new(StatusCode::CONFLICT, "no_runner", "no runner is connected; nothing waits for an answer")
            }
            AgentError::NoSnapshot => {
                Self::new(StatusCode::CONFLICT, "no_snapshot", "the snapshot is not in the bucket")
            }
            // Gone, so that a runner of the past does not try again.
            AgentError::Fenced(fenced) => Self::new(StatusCode::GONE, "fenced", fenced.to_string()),
            AgentError::NoFile(id) => Self::new(
                StatusCode::NOT_FOUND,
                "file_not_found",
                format!("there is no file {id} whose content is there"),
            ),
            AgentError::AttachmentsTooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "attachments_too_large",
                format!(
                    "a message has at most {} attachments, of {} bytes together",
                    limits::ATTACHMENTS_MAX,
                    limits::ATTACHED_BYTES_MAX
                ),
            ),
            AgentError::Busy => Self::unavailable(),
            AgentError::Expired { after } => Self::new(
                StatusCode::GONE,
                "events_expired",
                format!("events behind {after} are no longer kept; read the messages and follow from their head"),
            ),
            AgentError::Store(error) => error.into(),
            AgentError::Secret(error) => error.into(),
        }
    }
}
