//! What can go wrong in the relay, in the caller's language.

use axum::http::StatusCode;
use domain::limits;
use domain::session::{Fenced, SubmitError};
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
    /// The same `client_id` came with another body.
    #[error("the client id was used for another message")]
    ClientIdReused,
    #[error("no turn is in hand")]
    NoTurn,
    #[error("no runner is connected")]
    NoRunner,
    #[error(transparent)]
    Fenced(#[from] Fenced),
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

impl From<SubmitError> for AgentError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Terminated => Self::Terminated,
            SubmitError::QueueFull => Self::QueueFull,
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
            AgentError::ClientIdReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "client_id_reused",
                "this client_id was sent with another message; use a new one for a new message",
            ),
            AgentError::NoTurn => Self::new(StatusCode::CONFLICT, "no_turn", "no turn is in hand"),
            AgentError::NoRunner => {
                Self::new(StatusCode::CONFLICT, "no_runner", "no runner is connected; nothing waits for an answer")
            }
            AgentError::Fenced(fenced) => Self::new(StatusCode::CONFLICT, "fenced", fenced.to_string()),
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
