//! Who somebody is at another service, and what of it makes an account here.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{User, UserId};

/// A service that vouches for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityProvider {
    Github,
    Google,
}

impl IdentityProvider {
    pub const ALL: [Self; 2] = [Self::Github, Self::Google];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Google => "google",
        }
    }
}

impl fmt::Display for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody signs in by this service")]
pub struct UnknownProvider;

impl FromStr for IdentityProvider {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownProvider)
    }
}

/// An e-mail address in the one spelling by which it is compared: lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address looks like ana@example.com")]
pub struct InvalidEmail;

/// Bytes of an address (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit('@').next().unwrap_or_default()
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let email = text.trim().to_lowercase();
        let (local, domain) = email.rsplit_once('@').ok_or(InvalidEmail)?;
        let is_printable = !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if local.is_empty() || domain.is_empty() || email.len() > EMAIL_BYTES_MAX || !is_printable {
            return Err(InvalidEmail);
        }
        Ok(Self(email))
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

/// A person as a provider vouches for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub provider: IdentityProvider,
    /// The provider's own id for them. It never changes, unlike names and addresses.
    pub subject: String,
    /// Verified by the provider.
    pub email: Email,
    pub name: String,
    pub avatar_url: Option<String>,
}

/// That a user is somebody at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub user_id: UserId,
    pub provider: IdentityProvider,
    pub subject: String,
    pub email: Email,
    pub linked_at: Timestamp,
}

impl Profile {
    /// This person as a new user.
    pub fn new_user(&self, admin: bool, now: Timestamp) -> User {
        User {
            id: UserId::mint(now),
            email: self.email.as_str().to_owned(),
            name: self.name.clone(),
            avatar_url: self.avatar_url.clone(),
            admin,
            created_at: now,
        }
    }

    /// This person as a user that there is.
    pub fn identity_of(&self, user_id: UserId, now: Timestamp) -> Identity {
        let Self { provider, subject, email, .. } = self.clone();
        Identity { user_id, provider, subject, email, linked_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_spelling() {
        let email: Email = " Ana@Example.COM ".parse().unwrap();
        assert_eq!((email.as_str(), email.domain()), ("ana@example.com", "example.com"));
        for text in ["", "ana", "@example.com", "ana@", "a b@example.com", "a@b\n.com"] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
    }
}
