//! Why nobody was signed in. The browser goes to the client's page, which explains the code.

use axum::response::{IntoResponse, Redirect, Response};
use web::ApiError;
use web::jwks::TokenError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum SigninError {
    /// The user said no.
    #[error("the user did not agree")]
    AccessDenied,
    /// `state` is unknown, was used, or its time is over: also a page that was sent twice.
    #[error("the sign-in is not under way any more")]
    Expired,
    /// Another browser started it, or it was started for another provider.
    #[error("the sign-in was started elsewhere")]
    Mismatch,
    #[error("the provider does not know the code (any more)")]
    CodeRejected,
    #[error("the provider knows no verified address")]
    EmailUnverified,
    /// Google's word for who it is does not hold.
    #[error("the identity is not proven")]
    IdentityRejected(#[source] Option<TokenError>),
    #[error("new accounts are not open to this address")]
    SignupClosed,
    #[error("there is no client at this provider")]
    NotConfigured,
    /// Our client is wrong, which the operator has to mend.
    #[error("the provider refuses our client: {0}")]
    Misconfigured(String),
    /// The provider did not answer, or not as documented.
    #[error("the provider failed: {0}")]
    ProviderFailed(String),
    #[error("the service is too busy")]
    Busy,
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Secret(web::secret::SecretError),
}

impl SigninError {
    /// Stable; the client has a text for each.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::Expired => "signin_expired",
            Self::Mismatch => "signin_mismatch",
            Self::CodeRejected => "code_rejected",
            Self::EmailUnverified => "email_unverified",
            Self::IdentityRejected(_) => "identity_rejected",
            Self::SignupClosed => "signup_closed",
            Self::NotConfigured => "provider_not_configured",
            Self::Misconfigured(_) => "provider_misconfigured",
            Self::ProviderFailed(_) => "provider_unavailable",
            Self::Busy => "unavailable",
            Self::Store(_) | Self::Secret(_) => "internal_error",
        }
    }

    /// Sends the browser to the client's page for it.
    pub(crate) fn into_page(self) -> Response {
        let code = self.code();
        match self {
            Self::Store(error) => ApiError::from(error).log(),
            Self::Secret(error) => ApiError::from(error).log(),
            Self::Misconfigured(_) | Self::ProviderFailed(_) | Self::IdentityRejected(Some(_)) => {
                tracing::error!(error.code = code, error = %self, "nobody was signed in");
            }
            _ => tracing::info!(error.code = code, "nobody was signed in"),
        }
        Redirect::to(&format!("/signin?error={code}")).into_response()
    }
}
