//! What a file says that it is. Nobody believes it: files are only ever saved.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::CONTENT_TYPE_BYTES_MAX;

/// A media type such as `image/png`, without parameters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ContentType(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a content type reads type/subtype, such as image/png")]
pub struct InvalidContentType;

impl ContentType {
    /// Parameters are dropped; upper case becomes lower.
    pub fn parse(text: &str) -> Result<Self, InvalidContentType> {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let token = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        match essence.split_once('/') {
            Some((kind, subtype)) if token(kind) && token(subtype) && essence.len() <= CONTENT_TYPE_BYTES_MAX => {
                Ok(Self(essence))
            }
            _ => Err(InvalidContentType),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContentType {
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ContentType> for String {
    fn from(kind: ContentType) -> Self {
        kind.0
    }
}

impl TryFrom<String> for ContentType {
    type Error = InvalidContentType;

    fn try_from(text: String) -> Result<Self, InvalidContentType> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_media_type_is_one() {
        for (text, kind) in [
            ("image/png", "image/png"),
            ("Text/HTML; charset=utf-8", "text/html"),
            ("application/vnd.api+json", "application/vnd.api+json"),
        ] {
            assert_eq!(ContentType::parse(text).unwrap().as_str(), kind);
        }
        for text in ["", "image", "image/", "/png", "a/b/c", "a b/c", "text/html\r\nx: y", "text/ü"] {
            assert_eq!(ContentType::parse(text), Err(InvalidContentType), "{text:?}");
        }
    }
}
