//! Bearer tokens: their text, their hash at rest, and whom they stand for.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Epoch, SessionId, TokenId, UserId};

/// The secret as the bearer sends it. It never shows in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

/// SHA-256 of a token in hex: all that is stored of it. Tokens of ours have 256
/// random bits, so a slow hash would add nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

/// Whom a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Principal {
    /// A program that acts for a user.
    User { user_id: UserId, token_id: TokenId, name: String },
    /// The runner of one session in one epoch.
    Runner { user_id: UserId, session_id: SessionId, epoch: Epoch },
}

impl BearerToken {
    /// A token as it came in a header.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A new runner's token.
    pub fn mint_runner() -> Self {
        Self(format!("aor_{}", hex::encode(rand::random::<[u8; 32]>())))
    }

    /// A new single-use ticket for a socket.
    pub fn mint_ticket() -> Self {
        Self(format!("aot_{}", hex::encode(rand::random::<[u8; 32]>())))
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

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    pub principal: Principal,
    pub expires_at: Option<Timestamp>,
}

impl TokenRecord {
    /// The principal, unless the token has expired.
    pub fn principal_at(self, now: Timestamp) -> Option<Principal> {
        match self.expires_at {
            Some(end) if end <= now => None,
            _ => Some(self.principal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_shows_in_a_debug_line() {
        let token = BearerToken::mint_runner();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn a_token_stands_for_nobody_from_its_expiry_on() {
        let now = Timestamp::from_second(100).unwrap();
        let record = |at| TokenRecord {
            principal: Principal::Runner { user_id: UserId::mint(now), session_id: SessionId::mint(now), epoch: 1 },
            expires_at: Timestamp::from_second(at).ok(),
        };
        assert!(record(100).principal_at(now).is_none());
        assert!(record(101).principal_at(now).is_some());
    }
}
