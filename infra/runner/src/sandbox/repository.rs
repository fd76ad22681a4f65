//! How git in the agent's container finds the session's repository: under its own address at
//! GitHub, which leads to the gateway. So nothing that is kept in the workspace names a port or
//! a credential.

use domain::Repository;
use serde::{Deserialize, Serialize};

/// What the supervisor clones, and git's configuration.
#[derive(Clone, Serialize, Deserialize)]
pub struct RepositorySetup {
    /// `https://github.com/owner/name.git`
    pub url: String,
    /// The content of `~/.gitconfig`.
    pub git_config: String,
}

impl RepositorySetup {
    pub(super) fn new(repository: &Repository, gateway_url: &str) -> Self {
        let (url, name) = (repository.url(), repository.as_str());
        // Loopback is never reached through a proxy. Who commits may say otherwise in the repository.
        let git_config = format!(
            "[url \"{gateway_url}/git/{name}\"]\n\
             \tinsteadOf = {url}\n\
             \tinsteadOf = git@github.com:{name}.git\n\
             \tinsteadOf = ssh://git@github.com/{name}.git\n\
             [http \"{gateway_url}\"]\n\
             \tproxy =\n\
             [user]\n\
             \tname = Agent\n\
             \temail = agent@localhost\n\
             [init]\n\
             \tdefaultBranch = main\n"
        );
        Self { url, git_config }
    }
}
