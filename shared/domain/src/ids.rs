//! Identifiers: a prefix that names the kind and a ULID, such as `ses_01KB…`.
//!
//! Each kind is a type of its own, so an id of the wrong kind does not parse.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;

/// The text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind looks like {prefix}_01ARZ3NDEKTSV4RRFFQ69G5FAV")]
pub struct InvalidId {
    /// The prefix that the id should have had.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// The kind, as it stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id that sorts by `now`.
            pub fn mint(now: Timestamp) -> Self {
                let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
                Self(Ulid::from_parts(ms, rand::random()))
            }

            /// When it was made, to the millisecond.
            pub fn minted_at(&self) -> Timestamp {
                let ms = i64::try_from(self.0.timestamp_ms()).unwrap_or(0);
                Timestamp::from_millisecond(ms).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Only the canonical spelling parses, so that one thing has one key.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { prefix: Self::PREFIX };
                let body = text
                    .strip_prefix(Self::PREFIX)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .ok_or(invalid.clone())?;
                match Ulid::from_string(body) {
                    Ok(ulid) if ulid.to_string() == body => Ok(Self(ulid)),
                    _ => Err(invalid),
                }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9A-HJKMNP-TV-Z]{26}$")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

id!(
    /// A person's account.
    UserId, "usr"
);
id!(
    /// A session with an agent.
    SessionId, "ses"
);
id!(
    /// A message of a session, the user's or the agent's.
    MessageId, "msg"
);
id!(
    /// A user's file.
    FileId, "fil"
);
id!(
    /// An API token (not its secret).
    TokenId, "tok"
);
id!(
    /// A browser that is signed in (not its cookie).
    LoginId, "lgn"
);

id!(
    /// A connection to a third-party service.
    IntegrationId, "int"
);
id!(
    /// A run of the synchronisation, as its log names it.
    SyncLogId, "syn"
);
id!(
    /// Something that a service holds: an issue, a message, an event.
    EntityId, "ent"
);

impl EntityId {
    /// The id of what the service calls `external_id`. It is computed, not minted, so
    /// that writing the same thing twice writes it once; all that one resource of an
    /// integration holds shares its [`prefix`](Self::prefix).
    pub fn of(integration: IntegrationId, resource: &str, kind: &str, external_id: &str) -> Self {
        let thing = Sha256::new().chain_update(kind).chain_update([0]).chain_update(external_id).finalize();
        let random = thing.iter().take(10).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
        Self(Ulid::from_parts(scope(integration, resource), random))
    }

    /// What the ids of a resource's entities begin with, and no other's.
    pub fn prefix(integration: IntegrationId, resource: &str) -> String {
        let mut id = Self(Ulid::from_parts(scope(integration, resource), 0)).to_string();
        // The 16 characters of the part that differs from entity to entity.
        id.truncate(id.len() - 16);
        id
    }

    /// As 16 bytes, for the search index.
    pub fn to_bytes(self) -> [u8; 16] {
        u128::from(self.0).to_be_bytes()
    }

    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Ulid::from(u128::from_be_bytes(bytes)))
    }
}

/// 48 bits in the place of a ULID's time.
fn scope(integration: IntegrationId, resource: &str) -> u64 {
    let scope = Sha256::new().chain_update(integration.to_string()).chain_update([0]).chain_update(resource).finalize();
    scope.iter().take(6).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

id!(
    /// A copy of all that a user has.
    ExportId, "exp"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_parses_back_to_itself() {
        let id = SessionId::mint(Timestamp::from_millisecond(1_795_351_995_566).unwrap());
        assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_spelling_does_not_parse() {
        let id = MessageId::mint(Timestamp::UNIX_EPOCH).to_string();
        for text in [
            &id,
            &id.replace("msg", "ses").to_lowercase(),
            "ses_",
            "",
            "ses_\u{1F600}",
            "ses_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ] {
            assert!(text.parse::<SessionId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_entity_has_one_id_and_shares_its_prefix_with_its_resource_alone() {
        let [one, two] = [1, 2].map(|ms| IntegrationId::mint(Timestamp::from_millisecond(ms).unwrap()));
        let id = EntityId::of(one, "repo:1", "issue", "7");
        assert_eq!(id, EntityId::of(one, "repo:1", "issue", "7"));
        assert_eq!(id.to_string().parse::<EntityId>(), Ok(id));
        assert_eq!(EntityId::from_bytes(id.to_bytes()), id);
        let prefix = EntityId::prefix(one, "repo:1");
        assert!(id.to_string().starts_with(&prefix));
        assert!(EntityId::of(one, "repo:1", "pull_request", "7").to_string().starts_with(&prefix));
        assert_ne!(EntityId::of(one, "repo:1", "issue", "8"), id);
        for other in [EntityId::of(one, "repo:2", "issue", "7"), EntityId::of(two, "repo:1", "issue", "7")] {
            assert!(!other.to_string().starts_with(&prefix));
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let early = SessionId::mint(Timestamp::from_millisecond(1).unwrap());
        let late = SessionId::mint(Timestamp::from_millisecond(2).unwrap());
        assert!(early.to_string() < late.to_string());
    }
}
