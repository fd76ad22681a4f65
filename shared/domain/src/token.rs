//! Bearer tokens: their text, their hash at rest, and whom they stand for.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Epoch, LoginId, Scopes, SessionId, TokenId, UserId};

/// The secret as the bearer sends it. It never shows in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

/// SHA-256 of a token in hex: all that is stored of it. Tokens of ours have 256
/// random bits, so a slow hash would add nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

/// A caller: whose resources, by which means, and what of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    pub user_id: UserId,
    pub actor: Actor,
    pub scopes: Scopes,
    /// When the means end, if nobody revokes them before.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl Principal {
    /// Whether it stands for nobody any more, however it was come by.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The means by which a user acts: what is revoked to stop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A program with an API token.
    Token(TokenId),
    /// A browser that is signed in.
    Browser(LoginId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => id.fmt(f),
            Self::Browser(id) => id.fmt(f),
        }
    }
}

/// What a runner's token is good for: one session in one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerClaim {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub epoch: Epoch,
}

/// Secret scanners match on the prefix.
const RUNNER_PREFIX: &str = "aor_";

const API_PREFIX: &str = "aop_";

/// Eight hexadecimal digits.
fn checksum(secret: &str) -> String {
    hex::encode(&Sha256::digest(secret.as_bytes())[..4])
}

fn signer(body: &str, key: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(b"agent-ops/runner-token/");
    mac.update(body.as_bytes());
    mac
}

impl BearerToken {
    /// A token as it came in a header.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The runner's token for `claim`. It is signed, not stored: asking for it
    /// again gives the same token, so that a repeated task start is recognised,
    /// and the epoch revokes it.
    pub fn for_runner(claim: &RunnerClaim, key: &[u8]) -> Self {
        let body = format!("{}.{}.{}", claim.user_id, claim.session_id, claim.epoch);
        let signature = hex::encode(signer(&body, key).finalize().into_bytes());
        Self(format!("{RUNNER_PREFIX}{body}.{signature}"))
    }

    /// The claim of a runner's token, if this is one and its signature holds.
    pub fn runner_claim(&self, key: &[u8]) -> Option<RunnerClaim> {
        let (body, signature) = self.0.strip_prefix(RUNNER_PREFIX)?.rsplit_once('.')?;
        signer(body, key).verify_slice(&hex::decode(signature).ok()?).ok()?;
        let mut fields = body.split('.');
        Some(RunnerClaim {
            user_id: fields.next()?.parse().ok()?,
            session_id: fields.next()?.parse().ok()?,
            epoch: fields.next()?.parse().ok()?,
        })
    }

    /// Whether this has the form of a runner's token.
    pub fn is_runner(&self) -> bool {
        self.0.starts_with(RUNNER_PREFIX)
    }

    /// A new single-use ticket for a socket.
    pub fn mint_ticket() -> Self {
        Self(format!("aot_{}", hex::encode(rand::random::<[u8; 32]>())))
    }

    /// A new API token. Its last characters are a checksum, so that a scanner of
    /// secrets knows one from noise, and a mistyped one costs no look-up.
    pub fn mint_api() -> Self {
        let secret = hex::encode(rand::random::<[u8; 32]>());
        let checksum = checksum(&secret);
        Self(format!("{API_PREFIX}{secret}{checksum}"))
    }

    /// A new secret for a browser's cookie.
    pub fn mint_cookie() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// Whether this has the form of an API token, but not its checksum.
    pub fn is_broken_api(&self) -> bool {
        let Some(body) = self.0.strip_prefix(API_PREFIX) else { return false };
        body.split_at_checked(64).is_none_or(|(secret, sum)| checksum(secret) != sum)
    }

    /// The last characters, by which its bearer knows it again.
    pub fn hint(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        chars[chars.len().saturating_sub(4)..].iter().collect()
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash(hex::encode(Sha256::digest(self.0.as_bytes())))
    }

    /// The secret itself, for the one place that hands it over.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(…)")
    }
}

impl TokenHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An API token as it is stored: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    pub id: TokenId,
    pub user_id: UserId,
    /// What the user calls it.
    pub name: String,
    pub scopes: Scopes,
    /// The secret's last characters, by which its bearer knows it again.
    pub hint: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Exact to some minutes.
    pub used_at: Option<Timestamp>,
}

impl TokenRecord {
    /// Whom the token stands for, unless it has expired.
    pub fn principal_at(&self, now: Timestamp) -> Option<Principal> {
        let (actor, scopes, expires_at) = (Actor::Token(self.id), self.scopes.clone(), self.expires_at);
        let principal = Principal { user_id: self.user_id, actor, scopes, expires_at };
        (!principal.has_expired(now)).then_some(principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> RunnerClaim {
        let now = Timestamp::from_second(100).unwrap();
        RunnerClaim { user_id: UserId::mint(now), session_id: SessionId::mint(now), epoch: 7 }
    }

    #[test]
    fn a_token_never_shows_in_a_debug_line() {
        let token = BearerToken::mint_ticket();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn a_mistyped_api_token_is_told_without_a_look_up() {
        let token = BearerToken::mint_api();
        assert!(!token.is_broken_api() && token.reveal().len() == 76 && token.reveal().ends_with(&token.hint()));
        for text in ["aop_", "aop_x", &format!("{}0", token.reveal()), &token.reveal().replacen("aop_", "aop_0", 1)] {
            assert!(BearerToken::from_text(text).is_broken_api(), "{text}");
        }
        assert!(!BearerToken::from_text("test-api-token-12345").is_broken_api());
    }

    #[test]
    fn a_runner_token_is_good_for_its_own_claim_alone() {
        let (claim, key) = (claim(), b"key");
        let token = BearerToken::for_runner(&claim, key);
        assert_eq!(token, BearerToken::for_runner(&claim, key));
        assert_eq!(token.runner_claim(key), Some(claim));
        assert_eq!(token.runner_claim(b"another key"), None);
        let forged = token.reveal().replace(".7.", ".8.");
        assert_eq!(BearerToken::from_text(forged).runner_claim(key), None);
        assert_eq!(BearerToken::from_text("aor_x").runner_claim(key), None);
    }

    #[test]
    fn a_token_stands_for_nobody_from_its_expiry_on() {
        let now = Timestamp::from_second(100).unwrap();
        let record = |at| TokenRecord {
            id: TokenId::mint(now),
            user_id: claim().user_id,
            name: "ci".into(),
            scopes: Scopes::all(),
            hint: "abcd".into(),
            created_at: now,
            expires_at: Timestamp::from_second(at).ok(),
            used_at: None,
        };
        assert!(record(100).principal_at(now).is_none());
        assert!(record(101).principal_at(now).is_some());
    }
}
