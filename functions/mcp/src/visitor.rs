//! Who calls a tool: a session's agent, or a user's own program.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::audit::Deed;
use domain::limits::MCP_CONSENT_HEADER;
use domain::session::{Permissions, Policy};
use domain::{Scope, SessionId, UserId};
use integrations::WorkError;
use store::Store;
use web::audit::{self, Origin};
use web::auth::bearer;
use web::{ApiError, Caller, limit, scope};

use crate::Deps;

/// Whose things the tools are about.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) owner: UserId,
    /// The session whose agent it is.
    pub(crate) session: Option<SessionId>,
    /// By which token, or for which session.
    by: String,
    acts: Acts,
    /// What the user has agreed to, as a session's runner says.
    pub(crate) consent: Option<String>,
    origin: Origin,
}

/// Who decides what is done at the user's services.
#[derive(Debug, Clone)]
enum Acts {
    /// The session's permissions, each tool by its own name: `*` is about OpenCode's tools.
    Session(Permissions),
    /// A program's token, which may or may not; there is nobody to ask.
    Token(bool),
}

impl Visitor {
    /// Whether a tool that acts may be used. It is off until the user says otherwise.
    pub(crate) fn policy(&self, tool: &str) -> Policy {
        match &self.acts {
            Acts::Session(permissions) => permissions.get(tool).copied().unwrap_or(Policy::Deny),
            Acts::Token(true) => Policy::Allow,
            Acts::Token(false) => Policy::Deny,
        }
    }

    /// Puts what was done, or tried, into the audit log.
    pub(crate) async fn record<T>(&self, store: &Store, tool: &str, done: &Result<T, WorkError>) {
        let result = match done {
            Ok(_) => "ok".to_owned(),
            Err(WorkError::Provider(failure)) => failure.class.name().to_owned(),
            Err(_) => "internal_error".to_owned(),
        };
        let (user_id, by) = (self.owner, Some(self.by.clone()));
        let Origin { ip, user_agent } = self.origin.clone();
        let target = self.session.map_or_else(|| "/mcp".to_owned(), |session| session.to_string());
        let action = format!("mcp {tool}");
        audit::record(store, Deed { at: web::now(), user_id, by, action, target, result, ip, user_agent }).await;
    }
}

impl FromRequestParts<Deps> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, ApiError> {
        let Ok(origin) = Origin::from_request_parts(parts, deps).await;
        match bearer(&parts.headers) {
            Ok(token) if token.is_runner() => {
                let consent = parts.headers.get(MCP_CONSENT_HEADER).and_then(|value| value.to_str().ok());
                Ok(Self { consent: consent.map(str::to_owned), origin, ..agent(deps, &token).await? })
            }
            _ => {
                let caller = Caller::<scope::Mcp>::from_request_parts(parts, deps).await?;
                let may_act = caller.scopes.require(Scope::IntegrationsWrite).is_ok();
                let (owner, by, acts) = (caller.user_id, caller.actor.to_string(), Acts::Token(may_act));
                Ok(Self { owner, session: None, by, acts, consent: None, origin })
            }
        }
    }
}

/// The token of a session's runner, as long as it is the session's.
async fn agent(deps: &Deps, token: &domain::BearerToken) -> Result<Visitor, ApiError> {
    let refused = || {
        let message = "the token is not that of a session's present runner";
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", message)
    };
    let claim = token.runner_claim(deps.signing_key().await?).ok_or_else(refused)?;
    let session = deps.store.session(claim.user_id, claim.session_id).await?.ok_or_else(refused)?;
    session.fence(claim.epoch).map_err(|_| refused())?;
    limit::request(&deps.store, claim.user_id, &claim.session_id.to_string()).await?;
    let (owner, by, acts) = (claim.user_id, claim.session_id.to_string(), Acts::Session(session.permissions));
    Ok(Visitor { owner, session: Some(claim.session_id), by, acts, consent: None, origin: Origin::default() })
}
