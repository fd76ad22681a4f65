//! Names that providers give: of the service itself and of the kinds of things it holds.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is not such a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 32 lower-case letters, digits and underscores")]
pub struct InvalidSlug;

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(into = "String", try_from = "String")]
        #[schema(value_type = String, pattern = "^[a-z0-9_]{1,32}$")]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// A name that a provider's own code spells.
            pub const fn new(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidSlug;

            fn from_str(text: &str) -> Result<Self, InvalidSlug> {
                text.to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidSlug;

            fn try_from(text: String) -> Result<Self, InvalidSlug> {
                let of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
                match (1..=32).contains(&text.len()) && text.bytes().all(of_name) {
                    true => Ok(Self(Cow::Owned(text))),
                    false => Err(InvalidSlug),
                }
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into_owned()
            }
        }
    };
}

slug!(
    /// A third-party service, such as `github`.
    Service
);
slug!(
    /// What a thing is, such as `issue`, `message` or `event`.
    Kind
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_safe_in_a_key_and_a_path_parse() {
        assert_eq!("pull_request".parse(), Ok(Kind::new("pull_request")));
        for text in ["", "Git", "a/b", "a#b", "..", &"a".repeat(33)] {
            assert_eq!(text.parse::<Service>(), Err(InvalidSlug), "{text}");
        }
    }
}
