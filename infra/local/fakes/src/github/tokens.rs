//! Codes and tokens: what each opens, and until when.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};

use super::data::{Data, Installation, Repo};
use super::{APP_ID, CLIENT_ID, CLIENT_SECRET, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET};

/// Seconds that a code is good for.
const CODE_SECONDS: i64 = 600;
/// Seconds that a refresh token is good for: six months.
pub(super) const REFRESH_SECONDS: i64 = 15_811_200;
/// Seconds that an installation token is good for.
const INSTALLATION_SECONDS: i64 = 3_600;

/// What the user comes back with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) client: Client,
    pub(super) user: u64,
    pub(super) redirect_uri: String,
    /// PKCE's, by S256.
    pub(super) challenge: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) until_s: i64,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) opens: Opens,
    /// None: it does not expire by itself.
    pub(super) until_s: Option<i64>,
}

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Opens {
    /// What the user sees and the scopes allow.
    OauthUser { user: u64, scopes: Vec<String> },
    /// What the user sees and the App is installed in.
    AppUser { user: u64 },
    /// What the App is installed in, narrowed.
    Installation { installation: u64, repos: Option<BTreeSet<u64>>, permissions: BTreeMap<String, String> },
}

/// A refresh token, good once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refresh {
    pub(super) user: u64,
    /// The access token that dies with it.
    pub(super) access: String,
    pub(super) until_s: i64,
}

/// Which of the product's registrations asks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Client {
    App,
    Oauth,
}

impl Client {
    pub(super) fn of(id: &str) -> Option<Self> {
        match id {
            CLIENT_ID => Some(Self::App),
            OAUTH_CLIENT_ID => Some(Self::Oauth),
            _ => None,
        }
    }

    pub(super) fn secret(self) -> &'static str {
        match self {
            Self::App => CLIENT_SECRET,
            Self::Oauth => OAUTH_CLIENT_SECRET,
        }
    }
}

impl Token {
    pub(super) fn is_good(&self, now_s: i64) -> bool {
        self.until_s.is_none_or(|until| now_s < until)
    }

    /// The user and client whose authorisation it comes from.
    pub(super) fn grant(&self) -> Option<(u64, Client)> {
        match &self.opens {
            Opens::OauthUser { user, .. } => Some((*user, Client::Oauth)),
            Opens::AppUser { user } => Some((*user, Client::App)),
            Opens::Installation { .. } => None,
        }
    }
}

impl Opens {
    /// The user it speaks for.
    pub(super) fn user(&self) -> Option<u64> {
        match self {
            Self::OauthUser { user, .. } | Self::AppUser { user } => Some(*user),
            Self::Installation { .. } => None,
        }
    }

    /// Whether it shows the repository.
    pub(super) fn shows(&self, data: &Data, repo: &Repo) -> bool {
        let installed = || data.installation_of(repo).is_some_and(|installation| !installation.suspended);
        match self {
            Self::Installation { installation, repos, .. } => {
                data.installations.get(installation).is_some_and(|known| data.covers(known, repo))
                    && repos.as_ref().is_none_or(|repos| repos.contains(&repo.id))
            }
            _ if !repo.private => true,
            Self::OauthUser { user, scopes } => {
                repo.members.contains(user) && scopes.iter().any(|scope| scope == "repo")
            }
            Self::AppUser { user } => repo.members.contains(user) && installed(),
        }
    }

    /// Whether it may change what belongs to this permission of an App.
    pub(super) fn writes(&self, data: &Data, repo: &Repo, permission: &str) -> bool {
        let granted =
            |permissions: &BTreeMap<String, String>| permissions.get(permission).is_some_and(|it| it == "write");
        match self {
            Self::Installation { permissions, .. } => granted(permissions),
            Self::OauthUser { user, scopes } => {
                let wanted: &[&str] = if repo.private { &["repo"] } else { &["repo", "public_repo"] };
                repo.members.contains(user) && scopes.iter().any(|scope| wanted.contains(&scope.as_str()))
            }
            Self::AppUser { user } => {
                repo.members.contains(user) && data.installation_of(repo).is_some_and(|it| granted(&it.permissions))
            }
        }
    }
}

impl Data {
    /// A code for a user who agreed.
    pub(super) fn mint_code(&mut self, mut code: Code, now_s: i64) -> String {
        code.until_s = now_s + CODE_SECONDS;
        let text = random(20).to_lowercase();
        self.codes.insert(text.clone(), code);
        text
    }

    /// An OAuth app's token, which does not expire.
    pub(super) fn mint_oauth_token(&mut self, user: u64, scopes: Vec<String>) -> String {
        let text = format!("gho_{}", random(36));
        self.tokens.insert(text.clone(), Token { opens: Opens::OauthUser { user, scopes }, until_s: None });
        text
    }

    /// An App user's access and refresh token.
    pub(super) fn mint_user_tokens(&mut self, user: u64, now_s: i64) -> (String, String) {
        let (access, refresh) = (format!("ghu_{}", random(36)), format!("ghr_{}", random(76)));
        let until_s = now_s + self.settings.user_token_seconds;
        self.tokens.insert(access.clone(), Token { opens: Opens::AppUser { user }, until_s: Some(until_s) });
        let until_s = now_s + REFRESH_SECONDS;
        self.refresh.insert(refresh.clone(), Refresh { user, access: access.clone(), until_s });
        (access, refresh)
    }

    /// An installation's token with its end.
    pub(super) fn mint_installation_token(
        &mut self,
        installation: &Installation,
        repos: Option<BTreeSet<u64>>,
        permissions: BTreeMap<String, String>,
        stateless: bool,
        now_s: i64,
    ) -> (String, i64) {
        let text = match stateless {
            // As long and with the characters of the new format; what it says is nobody's business.
            true => format!("ghs_{APP_ID}_{}.{}.{}-_{}", random(120), random(200), random(90), random(80)),
            false => format!("ghs_{}", random(36)),
        };
        let until_s = now_s + INSTALLATION_SECONDS;
        let opens = Opens::Installation { installation: installation.id, repos, permissions };
        self.tokens.insert(text.clone(), Token { opens, until_s: Some(until_s) });
        (text, until_s)
    }

    /// Takes back all that a user granted a client.
    pub(super) fn revoke_grant(&mut self, user: u64, client: Client) {
        self.tokens.retain(|_, token| token.grant() != Some((user, client)));
        if client == Client::App {
            self.refresh.retain(|_, refresh| refresh.user != user);
        }
    }

    /// Takes back one access token, with its refresh token.
    pub(super) fn revoke_token(&mut self, access: &str) -> bool {
        self.refresh.retain(|_, refresh| refresh.access != access);
        self.tokens.remove(access).is_some()
    }
}

fn random(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}
