//! OpenCode's environment: every folder it writes to is ours, and it calls nobody but the gateway.

use std::collections::BTreeMap;
use std::path::Path;

/// Switches that keep OpenCode from fetching, updating, sharing, or running a repository's own plugins.
const QUIET: [&str; 8] = [
    "OPENCODE_DISABLE_MODELS_FETCH",
    "OPENCODE_DISABLE_AUTOUPDATE",
    "OPENCODE_DISABLE_LSP_DOWNLOAD",
    "OPENCODE_DISABLE_DEFAULT_PLUGINS",
    "OPENCODE_DISABLE_SHARE",
    "OPENCODE_DISABLE_CLAUDE_CODE",
    "OPENCODE_DISABLE_EXTERNAL_SKILLS",
    // A repository's `.opencode/` is code that would run inside OpenCode's own process.
    "OPENCODE_DISABLE_PROJECT_CONFIG",
];

/// Folders under the data root, by the variable that names them.
const FOLDERS: [(&str, &str); 6] = [
    ("HOME", "home"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "share"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_CACHE_HOME", "cache"),
    ("TMPDIR", "tmp"),
];

/// The variables that OpenCode runs with.
pub(super) fn quiet_environment(data_root: &Path, password: &str) -> BTreeMap<String, String> {
    let quiet = QUIET.map(|name| (name.to_owned(), "1".to_owned()));
    let folders = FOLDERS.map(|(name, folder)| (name.to_owned(), data_root.join(folder).display().to_string()));
    let password = [("OPENCODE_SERVER_PASSWORD".to_owned(), password.to_owned())];
    quiet.into_iter().chain(folders).chain(password).collect()
}

/// The names of the variables whose folders must exist before OpenCode starts.
pub(crate) fn folder_variables() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opencode_writes_only_under_the_data_root() {
        let env = quiet_environment(Path::new("/data"), "pw");
        for name in folder_variables() {
            assert!(env[name].starts_with("/data/"), "{name}");
        }
    }
}
