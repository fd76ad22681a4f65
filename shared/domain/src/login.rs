//! A browser that is signed in, and a sign-in under way.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::identity::IdentityProvider;
use crate::{Actor, LoginId, Principal, Scopes, TokenHash, UserId, limits};

/// A browser that is signed in, as it is stored: everything but its cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRecord {
    pub id: LoginId,
    pub user_id: UserId,
    pub provider: IdentityProvider,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where it was when it signed in.
    pub address: String,
    pub created_at: Timestamp,
    /// Exact to some minutes.
    pub used_at: Timestamp,
}

impl LoginRecord {
    /// When it ends if it is not used again.
    pub fn expires_at(&self) -> Timestamp {
        let idle = self.used_at + SignedDuration::from_hours(24 * limits::LOGIN_IDLE_DAYS);
        idle.min(self.ends_at())
    }

    /// When it ends however much it is used.
    fn ends_at(&self) -> Timestamp {
        self.created_at + SignedDuration::from_hours(24 * limits::LOGIN_DAYS_MAX)
    }

    /// Whom the browser acts for, unless its time is over. It may do all that its user may.
    pub fn principal_at(&self, now: Timestamp) -> Option<Principal> {
        let holds = now < self.expires_at();
        holds.then(|| Principal {
            user_id: self.user_id,
            actor: Actor::Browser(self.id),
            scopes: Scopes::all(),
            expires_at: Some(self.ends_at()),
        })
    }
}

/// A sign-in that was sent to the provider and waits for its return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigninRecord {
    pub provider: IdentityProvider,
    /// Hash of the secret that the starting browser holds: no other one may finish it.
    pub browser: TokenHash,
    /// PKCE's secret.
    pub code_verifier: String,
    /// Comes back in Google's ID token.
    pub nonce: String,
    /// Where the provider sends the browser; it must be told the same again.
    pub redirect_uri: String,
    /// The page to go to afterwards.
    pub return_to: ReturnPath,
    pub expires_at: Timestamp,
}

/// A page of our own origin to return to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReturnPath(String);

impl Default for ReturnPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl ReturnPath {
    /// `None` for what a browser could take for another origin, or what is no page of the client.
    pub fn parse(path: &str) -> Option<Self> {
        let plain = path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
        let is_ours = path.starts_with('/') && !path.starts_with("//") && path.len() <= limits::RETURN_PATH_BYTES_MAX;
        let first = path.split(['/', '?', '#']).nth(1).unwrap_or_default();
        let is_page = !["api", "agent", "auth", "webhooks", "mcp", "health"].contains(&first);
        (plain && is_ours && is_page).then(|| Self(path.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(created: i64, used: i64) -> LoginRecord {
        let at = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        LoginRecord {
            id: LoginId::mint(at(created)),
            user_id: UserId::mint(at(created)),
            provider: IdentityProvider::Github,
            user_agent: "Firefox".into(),
            address: "127.0.0.1".into(),
            created_at: at(created),
            used_at: at(used),
        }
    }

    #[test]
    fn a_browser_is_signed_out_when_idle_too_long_and_after_a_while_in_any_case() {
        let holds = |login: &LoginRecord, day: i64| {
            login.principal_at(Timestamp::from_second(day * 86_400 - 1).unwrap()).is_some()
        };
        let idle = login(0, 0);
        assert!(holds(&idle, limits::LOGIN_IDLE_DAYS) && !holds(&idle, limits::LOGIN_IDLE_DAYS + 1));
        let busy = login(0, limits::LOGIN_DAYS_MAX - 1);
        assert!(holds(&busy, limits::LOGIN_DAYS_MAX) && !holds(&busy, limits::LOGIN_DAYS_MAX + 1));
    }

    #[test]
    fn only_pages_of_our_own_are_returned_to() {
        for path in ["/", "/sessions/ses_1?tab=files#top", "/apiary"] {
            assert_eq!(ReturnPath::parse(path).map(|path| path.0).as_deref(), Some(path));
        }
        let foreign = [
            "",
            "sessions",
            "//evil.net",
            "/\\evil.net",
            "\\/evil.net",
            "https://evil.net",
            "javascript:alert(1)",
            "/\tevil.net",
            "/a b",
            "/ä",
            "/api/tokens",
            "/auth/signout",
            "/auth?x",
            "/agent#x",
        ];
        for path in foreign {
            assert_eq!(ReturnPath::parse(path), None, "{path}");
        }
        assert_eq!(ReturnPath::parse(&format!("/{}", "a".repeat(limits::RETURN_PATH_BYTES_MAX))), None);
    }
}
