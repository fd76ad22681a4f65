//! The repository at GitHub that a session works on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `owner/name`, as GitHub spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(into = "String", try_from = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$")]
pub struct Repository(String);

/// The text names no repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a repository reads owner/name, or https://github.com/owner/name")]
pub struct InvalidRepository;

/// Where GitHub is, as people write it.
const SITE: &str = "https://github.com/";
/// Characters of an owner's name and of a repository's.
const OWNER_CHARS_MAX: usize = 39;
const NAME_CHARS_MAX: usize = 100;

impl Repository {
    /// Reads `owner/name` or its address.
    pub fn parse(text: &str) -> Result<Self, InvalidRepository> {
        let path = text.strip_prefix(SITE).unwrap_or(text);
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = path.strip_suffix(".git").unwrap_or(path);
        let (owner, name) = path.split_once('/').ok_or(InvalidRepository)?;
        let of_owner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let of_name = |c: char| of_owner(c) || matches!(c, '.' | '_');
        let is_owner = (1..=OWNER_CHARS_MAX).contains(&owner.len()) && owner.chars().all(of_owner);
        let is_name = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(of_name);
        let is_good = is_owner && is_name && !owner.starts_with('-') && !matches!(name, "." | "..");
        is_good.then(|| Self(path.to_owned())).ok_or(InvalidRepository)
    }

    /// `owner/name`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where git finds it, as people write it.
    pub fn url(&self) -> String {
        format!("{SITE}{}.git", self.0)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Repository> for String {
    fn from(repository: Repository) -> Self {
        repository.0
    }
}

impl TryFrom<String> for Repository {
    type Error = InvalidRepository;

    fn try_from(text: String) -> Result<Self, InvalidRepository> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_named_as_people_do() {
        for text in [
            "octo-dev/hello.world",
            "https://github.com/octo-dev/hello.world",
            "https://github.com/octo-dev/hello.world.git/",
        ] {
            let repository = Repository::parse(text).unwrap();
            assert_eq!(
                (repository.as_str(), repository.url()),
                ("octo-dev/hello.world", "https://github.com/octo-dev/hello.world.git".into())
            );
        }
    }

    #[test]
    fn what_is_no_repository_at_github_is_refused() {
        for text in [
            "",
            "owner",
            "owner/",
            "/name",
            "owner/..",
            "a/b/c",
            "-o/n",
            "owner/na me",
            "owner/n?x=1",
            "own.er/name",
            "https://evil.example/owner/name",
            "http://github.com/o/n",
            "git@github.com:o/n",
        ] {
            assert_eq!(Repository::parse(text), Err(InvalidRepository), "{text}");
        }
    }
}
