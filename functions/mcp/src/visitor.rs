//! Who calls a tool: a session's agent, or a user's own program.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::action::{self, CONSENT_HEADER};
use domain::audit::Deed;
use domain::session::{Permissions, Policy};
use domain::{Integration, Scope, SessionId, UserId};
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
    pub(crate) by: String,
    rule: Rule,
    /// What the user has agreed to, as a session's runner says.
    pub(crate) consent: Option<String>,
    origin: Origin,
}

/// What is left, here, of what the user lets be done at services.
#[derive(Debug, Clone)]
enum Rule {
    Session(Permissions),
    Token { may_act: bool },
}

impl Visitor {
    /// Whether a tool may act for an account: as the account's user says, or stricter.
    pub(crate) fn policy(&self, tool: &str, integration: &Integration) -> Policy {
        let here = match &self.rule {
            Rule::Session(permissions) => action::session_policy(permissions, tool),
            Rule::Token { may_act: true } => Policy::Allow,
            Rule::Token { may_act: false } => Policy::Deny,
        };
        integration.actions.max(here)
    }

    /// Puts what was done, or refused, into the audit log.
    pub(crate) async fn record(&self, store: &Store, tool: &str, result: &str) {
        let Origin { ip, user_agent } = self.origin.clone();
        let deed = Deed {
            at: web::now(),
            user_id: self.owner,
            by: Some(self.by.clone()),
            action: format!("POST /mcp {tool}"),
            target: self.session.map_or_else(|| "/mcp".to_owned(), |session| session.to_string()),
            result: result.to_owned(),
            ip,
            user_agent,
        };
        audit::record(store, deed).await;
    }
}

impl FromRequestParts<Deps> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, ApiError> {
        let Ok(origin) = Origin::from_request_parts(parts, deps).await;
        match bearer(&parts.headers) {
            Ok(token) if token.is_runner() => {
                let consent = parts.headers.get(CONSENT_HEADER).and_then(|value| value.to_str().ok());
                Ok(Self { consent: consent.map(str::to_owned), origin, ..agent(deps, &token).await? })
            }
            _ => {
                let caller = Caller::<scope::Mcp>::from_request_parts(parts, deps).await?;
                let may_act = caller.scopes.require(Scope::IntegrationsWrite).is_ok();
                let (owner, by, rule) = (caller.user_id, caller.actor.to_string(), Rule::Token { may_act });
                Ok(Self { owner, session: None, by, rule, consent: None, origin })
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
    let (owner, by, rule) = (claim.user_id, claim.session_id.to_string(), Rule::Session(session.permissions));
    Ok(Visitor { owner, session: Some(claim.session_id), by, rule, consent: None, origin: Origin::default() })
}
