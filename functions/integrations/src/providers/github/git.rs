//! What git needs to reach one repository.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Repository;
use serde::Deserialize;
use wire::runner::GitAccess;

use super::api::Api;
use super::app::App;
use crate::providers::{Call, Failure};

#[derive(Deserialize)]
struct Found {
    id: u64,
    full_name: String,
    #[serde(default)]
    permissions: Permissions,
}

#[derive(Default, Deserialize)]
struct Permissions {
    #[serde(default)]
    push: bool,
}

/// Access to the repository, as far as the user has it. A GitHub App narrows it to this one
/// repository and its content, for an hour; an OAuth app has the user's own token alone.
pub(super) async fn access(
    api: &Api,
    app: Option<&App>,
    site: &str,
    call: &Call<'_>,
    repository: &Repository,
) -> Result<GitAccess, Failure> {
    let own = &call.credentials.access_token;
    let reply = api.get(&api.url(&format!("/repos/{repository}")), own.reveal(), None, call.now).await?;
    let found: Found = reply.json()?;
    let (token, expires_at) = match app {
        Some(app) => {
            let installation = app.installation_of(&found.full_name, call.now).await?;
            let level = if found.permissions.push { "write" } else { "read" };
            let permissions = [("contents", level)].into();
            let minted = app.installation_token(installation, &[found.id], &permissions, call.now).await?;
            (minted.token, Some(minted.expires_at))
        }
        None => (own.clone(), call.credentials.expires_at),
    };
    let basic = STANDARD.encode(format!("x-access-token:{}", token.reveal()));
    let authorization = format!("Basic {basic}");
    Ok(GitAccess { url: format!("{site}/{}.git", found.full_name), authorization, expires_at })
}
