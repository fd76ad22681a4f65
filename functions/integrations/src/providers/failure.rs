//! Why a provider could not do what it was asked to.

use domain::integration::ErrorClass;
use jiff::Timestamp;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A failure, classified by whoever knows the service.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub class: ErrorClass,
    /// For the user, in plain words, without anything secret: `GitHub asks us to slow down`.
    pub message: String,
    /// For the log alone.
    #[source]
    pub source: Option<Source>,
}

impl Failure {
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), source: None }
    }

    pub fn retry(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Retry, message)
    }

    pub fn wait_until(at: Timestamp, message: impl Into<String>) -> Self {
        Self::new(ErrorClass::WaitUntil(at), message)
    }

    /// The access token was refused; it is renewed once, then the call is repeated.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Unauthorized, message)
    }

    /// The grant is gone (`invalid_grant`): its owner has to connect again.
    pub fn reauth(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Reauth, message)
    }

    /// The cursor is of no use any more.
    pub fn resync(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Resync, message)
    }

    /// The resource is gone, or out of the account's sight: what was read of it is deleted.
    pub fn gone(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Gone, message)
    }

    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Permanent, message)
    }

    /// Our mistake, or our operator's (`invalid_client`).
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Bug, message)
    }

    pub fn caused_by(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }
}
