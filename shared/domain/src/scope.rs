//! What a caller may do: a token has the scopes that its user gave it, a browser has all.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub enum Scope {
    #[serde(rename = "sessions:read")]
    SessionsRead,
    /// Prompts and answers to the agent too.
    #[serde(rename = "sessions:write")]
    SessionsWrite,
    #[serde(rename = "files:read")]
    FilesRead,
    #[serde(rename = "files:write")]
    FilesWrite,
    /// What was synced from other services.
    #[serde(rename = "integrations:read")]
    IntegrationsRead,
    #[serde(rename = "integrations:write")]
    IntegrationsWrite,
    /// Tools at `/mcp`.
    #[serde(rename = "mcp")]
    Mcp,
    /// The account itself: its tokens and sign-ins; for an administrator, the deployment.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    pub const ALL: [Self; 8] = [
        Self::SessionsRead,
        Self::SessionsWrite,
        Self::FilesRead,
        Self::FilesWrite,
        Self::IntegrationsRead,
        Self::IntegrationsWrite,
        Self::Mcp,
        Self::Admin,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionsRead => "sessions:read",
            Self::SessionsWrite => "sessions:write",
            Self::FilesRead => "files:read",
            Self::FilesWrite => "files:write",
            Self::IntegrationsRead => "integrations:read",
            Self::IntegrationsWrite => "integrations:write",
            Self::Mcp => "mcp",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope of this name")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(UnknownScope)
    }
}

/// A caller lacks this scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token does not have the scope {0}")]
pub struct MissingScope(pub Scope);

/// All that a caller may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    pub fn all() -> Self {
        Self(Scope::ALL.into())
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn require(&self, scope: Scope) -> Result<(), MissingScope> {
        if self.0.contains(&scope) { Ok(()) } else { Err(MissingScope(scope)) }
    }

    /// Nobody gives away what they do not have.
    pub fn require_all(&self, wanted: &Self) -> Result<(), MissingScope> {
        wanted.iter().try_for_each(|scope| self.require(scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_stored_sent_and_read_by_one_name() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        assert_eq!("sessions:*".parse::<Scope>(), Err(UnknownScope));
    }

    #[test]
    fn the_missing_scope_is_named() {
        let scopes = Scopes::from_iter([Scope::SessionsRead]);
        assert_eq!(scopes.require(Scope::SessionsRead), Ok(()));
        assert_eq!(scopes.require(Scope::SessionsWrite), Err(MissingScope(Scope::SessionsWrite)));
        assert_eq!(scopes.require_all(&Scopes::all()), Err(MissingScope(Scope::SessionsWrite)));
        assert_eq!(Scopes::all().require_all(&scopes), Ok(()));
    }
}
