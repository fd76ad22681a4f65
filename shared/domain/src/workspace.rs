//! Where in its sandbox a session works.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::WORKSPACE_BYTES_MAX;

/// A folder under `/workspace`, such as `/workspace/my-project`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(into = "String", try_from = "String")]
#[schema(value_type = String, pattern = "^/workspace(/.+)?$")]
pub struct Workspace(String);

/// The path can't be a workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWorkspace {
    #[error("a workspace is a folder under /workspace, such as /workspace/my-project")]
    Outside,
    #[error("a workspace path has no '.', '..' or empty segment")]
    Segment,
    #[error("a workspace path has no control character or backslash")]
    Character,
    #[error("a workspace path has at most {WORKSPACE_BYTES_MAX} bytes")]
    TooLong,
}

impl Workspace {
    /// The folder that all workspaces are under.
    pub const ROOT: &'static str = "/workspace";

    /// Checks `path`; a trailing slash is dropped.
    pub fn parse(path: &str) -> Result<Self, InvalidWorkspace> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.len() > WORKSPACE_BYTES_MAX {
            return Err(InvalidWorkspace::TooLong);
        }
        if path.chars().any(|c| c.is_control() || c == '\\') {
            return Err(InvalidWorkspace::Character);
        }
        let Some(below) = path.strip_prefix(Self::ROOT) else {
            return Err(InvalidWorkspace::Outside);
        };
        if below.is_empty() {
            return Ok(Self(path.to_owned()));
        }
        let Some(segments) = below.strip_prefix('/') else {
            return Err(InvalidWorkspace::Outside);
        };
        if segments.split('/').any(|s| matches!(s, "" | "." | "..")) {
            return Err(InvalidWorkspace::Segment);
        }
        Ok(Self(path.to_owned()))
    }

    /// The path below [`Self::ROOT`], without a leading slash; empty for the root itself.
    pub fn below_root(&self) -> &str {
        self.0[Self::ROOT.len()..].trim_start_matches('/')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self(Self::ROOT.to_owned())
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Workspace> for String {
    fn from(workspace: Workspace) -> Self {
        workspace.0
    }
}

impl TryFrom<String> for Workspace {
    type Error = InvalidWorkspace;

    fn try_from(path: String) -> Result<Self, InvalidWorkspace> {
        Self::parse(&path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_under_the_root_are_workspaces() {
        for (path, below) in [
            ("/workspace", ""),
            ("/workspace/", ""),
            ("/workspace/a b/ü", "a b/ü"),
            ("/workspace/my-project/", "my-project"),
        ] {
            assert_eq!(Workspace::parse(path).unwrap().below_root(), below, "{path}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_root() {
        use InvalidWorkspace::*;
        for (path, error) in [
            ("", Outside),
            ("/", Outside),
            ("/workspaces", Outside),
            ("workspace/a", Outside),
            ("/etc", Outside),
            ("/workspace/../etc", Segment),
            ("/workspace/a/..", Segment),
            ("/workspace//a", Segment),
            ("/workspace/./a", Segment),
            ("/workspace/a\0", Character),
            ("/workspace/..\\a", Character),
        ] {
            assert_eq!(Workspace::parse(path), Err(error), "{path:?}");
        }
        assert_eq!(Workspace::parse(&format!("/workspace/{}", "a".repeat(600))), Err(TooLong));
    }
}
