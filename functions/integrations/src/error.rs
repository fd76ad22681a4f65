//! What can go wrong in the work behind the API.

use domain::integration::ErrorClass;
use web::secret::SecretError;

use crate::credentials::SealError;
use crate::outbox::OutboxError;
use crate::providers::Failure;

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The provider could not, or would not.
    #[error(transparent)]
    Provider(#[from] Failure),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// Another worker has taken the cursor over.
    #[error("another worker has taken over")]
    Fenced,
}

impl WorkError {
    /// The provider's own verdict, if it is the provider that failed.
    pub(crate) fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Provider(failure) => Some(failure.class),
            _ => None,
        }
    }
}

/// An error with what caused it, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
