//! Names of files: any language, folders with `/`, no tricks.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::limits::{FILE_NAME_BYTES_MAX, FILE_NAME_SEGMENT_BYTES_MAX};

/// A name such as `reports/2026/Übersicht.pdf`, in Unicode's composed form (NFC),
/// so that one name has one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error("a file name is not empty and has no empty, '.' or '..' part")]
    Segment,
    #[error("a file name has no backslash, control character or mark that changes the direction of writing")]
    Character,
    #[error(
        "a file name has at most {FILE_NAME_BYTES_MAX} bytes, and {FILE_NAME_SEGMENT_BYTES_MAX} between two slashes"
    )]
    TooLong,
}

impl FileName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let name: String = if is_nfc(text) { text.to_owned() } else { text.nfc().collect() };
        if name.chars().any(is_trick) {
            return Err(InvalidName::Character);
        }
        if name.split('/').any(|segment| matches!(segment.trim(), "" | "." | "..")) {
            return Err(InvalidName::Segment);
        }
        let too_long = |segment: &str| segment.len() > FILE_NAME_SEGMENT_BYTES_MAX;
        if name.len() > FILE_NAME_BYTES_MAX || name.split('/').any(too_long) {
            return Err(InvalidName::TooLong);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the last slash.
    pub fn last(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

/// Marks of direction can make `gpj.exe` look like `exe.jpg`.
fn is_trick(c: char) -> bool {
    c.is_control()
        || c == '\\'
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

impl TryFrom<String> for FileName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_in_any_language_and_has_one_spelling() {
        for name in ["a", "Übersicht.pdf", "报告/二〇二六.txt", "صورة.png", "🙂 final (2).txt", ".env", "a..b", "…"]
        {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(FileName::parse("U\u{308}.pdf").unwrap().as_str(), "Ü.pdf");
        assert_eq!(FileName::parse("a/b/c.txt").unwrap().last(), "c.txt");
    }

    #[test]
    fn a_name_plays_no_tricks() {
        use InvalidName::*;
        for (name, error) in [
            ("", Segment),
            (" ", Segment),
            (".", Segment),
            ("..", Segment),
            ("../etc/passwd", Segment),
            ("a/../b", Segment),
            ("/etc/passwd", Segment),
            ("a//b", Segment),
            ("a/", Segment),
            ("a\0", Character),
            ("a\r\nSet-Cookie: x", Character),
            ("..\\a", Character),
            ("photo\u{202E}gpj.exe", Character),
        ] {
            assert_eq!(FileName::parse(name), Err(error), "{name:?}");
        }
        assert_eq!(FileName::parse(&"a".repeat(256)), Err(TooLong));
        assert_eq!(FileName::parse(&vec!["a".repeat(200); 4].join("/")), Err(TooLong));
    }
}
