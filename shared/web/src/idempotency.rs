//! The `Idempotency-Key` header: a creating request that is repeated under the
//! same key gets its first answer.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::limits;

use crate::ApiError;

/// The request's key, if it brought one.
#[derive(Debug, Clone, Default)]
pub struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let value = parts.headers.get("idempotency-key");
        // What is not text fails the check below.
        Ok(Self(value.map(|value| value.to_str().unwrap_or_default().to_owned())))
    }
}

impl IdempotencyKey {
    /// The key after its check.
    pub fn checked(self) -> Result<Option<String>, ApiError> {
        self.0.map(|key| check(key, "Idempotency-Key")).transpose()
    }
}

/// A caller's key: printable, not too long.
pub fn check(key: String, name: &str) -> Result<String, ApiError> {
    let length = key.chars().count();
    if length == 0 || length > limits::CLIENT_ID_CHARS_MAX || key.chars().any(char::is_control) {
        let message = format!("{name} has 1 to {} printable characters", limits::CLIENT_ID_CHARS_MAX);
        return Err(ApiError::bad_request("invalid_body", message));
    }
    Ok(key)
}
