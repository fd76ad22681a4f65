//! Identifiers: a prefix that names the kind and a ULID, such as `ses_01KB…`.
//!
//! Each kind is a type of its own, so an id of the wrong kind does not parse.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
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
    /// An API token (not its secret).
    TokenId, "tok"
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
    fn ids_sort_by_time() {
        let early = SessionId::mint(Timestamp::from_millisecond(1).unwrap());
        let late = SessionId::mint(Timestamp::from_millisecond(2).unwrap());
        assert!(early.to_string() < late.to_string());
    }
}
