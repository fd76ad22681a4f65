//! The folders and files that OpenCode finds when it starts.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::sandbox::{SandboxSetup, folder_variables};

/// OpenCode installs its plugin package (63 MB) into its configuration folder, unless it finds
/// the package there already. Nothing here needs it.
const PACKAGE: &str = r#"{"dependencies":{"@opencode-ai/plugin":"*"}}"#;
const PACKAGE_LOCK: &str = r#"{"lockfileVersion":3,"packages":{"":{"dependencies":{"@opencode-ai/plugin":"*"}}}}"#;

/// Makes them anew before each start, whatever the agent has done to them.
pub(super) fn prepare(setup: &SandboxSetup) -> Result<()> {
    let folders = folder_variables().filter_map(|name| setup.env.get(name)).map(Path::new);
    for folder in folders.chain([setup.directory.as_path()]) {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    }
    if let (Some(repository), Some(home)) = (&setup.repository, setup.env.get("HOME")) {
        fs::write(Path::new(home).join(".gitconfig"), &repository.git_config)?;
    }
    let config = setup.env.get("XDG_CONFIG_HOME").context("the setup names no XDG_CONFIG_HOME")?;
    let config = Path::new(config).join("opencode");
    fs::create_dir_all(config.join("node_modules"))?;
    fs::write(config.join("package.json"), PACKAGE)?;
    fs::write(config.join("package-lock.json"), PACKAGE_LOCK)?;
    fs::write(config.join("opencode.json"), setup.opencode_config.to_string())?;
    Ok(())
}
