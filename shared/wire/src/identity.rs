//! Bodies of `/api/me`, `/api/tokens`, `/api/admin` and `/auth`.

use std::collections::BTreeSet;

use domain::token::TokenRecord;
use domain::{Identity, IdentityProvider, LoginId, LoginRecord, Scope, SignupPolicy, TokenId, User, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /auth/providers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SigninProviders {
    /// Those that the deployment has a client at.
    pub providers: Vec<IdentityProvider>,
}

/// `GET /api/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    #[serde(flatten)]
    pub user: UserView,
    pub identities: Vec<IdentityView>,
    /// What this caller may do.
    pub scopes: Vec<Scope>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserView {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub avatar_url: Option<String>,
    /// Whether this person administers the deployment.
    pub admin: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Who the user is at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IdentityView {
    pub provider: IdentityProvider,
    pub email: String,
    #[schema(value_type = String, format = DateTime)]
    pub linked_at: Timestamp,
}

/// A page of `GET /api/admin/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserPage {
    pub users: Vec<UserView>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LoginView {
    pub id: LoginId,
    pub provider: IdentityProvider,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where it was when it signed in.
    pub address: String,
    /// Whether it is the one that asks.
    pub current: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Exact to some minutes.
    #[schema(value_type = String, format = DateTime)]
    pub used_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LoginPage {
    pub logins: Vec<LoginView>,
    /// Always null: the newest hundred are the page.
    pub next_cursor: Option<String>,
}

/// `POST /api/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    pub name: String,
    /// None that the caller does not have.
    pub scopes: BTreeSet<Scope>,
    /// It never ends when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// `PATCH /api/tokens/{id}`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameToken {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenView {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The token's last characters.
    pub hint: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Exact to some minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Timestamp>,
}

/// A new token, and for this once its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreatedToken {
    pub token: String,
    #[serde(flatten)]
    pub view: TokenView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenPage {
    pub tokens: Vec<TokenView>,
    /// Always null: a user has at most a hundred.
    pub next_cursor: Option<String>,
}

/// `GET` and `PUT /api/admin/signup`: who may make an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signup {
    /// Whether everybody may.
    pub open: bool,
    /// Otherwise these addresses may,
    #[serde(default)]
    pub emails: Vec<String>,
    /// and those at these domains.
    #[serde(default)]
    pub domains: Vec<String>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, email, name, avatar_url, admin, created_at } = user;
        Self { id, email, name, avatar_url, admin, created_at }
    }
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        let Identity { provider, email, linked_at, .. } = identity;
        Self { provider, email: email.into(), linked_at }
    }
}

impl LoginView {
    pub fn new(login: LoginRecord, current: bool) -> Self {
        let expires_at = login.expires_at();
        let LoginRecord { id, provider, user_agent, address, created_at, used_at, .. } = login;
        Self { id, provider, user_agent, address, current, created_at, used_at, expires_at }
    }
}

impl From<TokenRecord> for TokenView {
    fn from(record: TokenRecord) -> Self {
        let TokenRecord { id, name, scopes, hint, created_at, expires_at, used_at, .. } = record;
        Self { id, name, scopes: scopes.iter().collect(), hint, created_at, expires_at, used_at }
    }
}

impl From<SignupPolicy> for Signup {
    fn from(policy: SignupPolicy) -> Self {
        let SignupPolicy { open, emails, domains } = policy;
        Self { open, emails: emails.into_iter().map(String::from).collect(), domains: domains.into_iter().collect() }
    }
}
