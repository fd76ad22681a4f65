//! The fakes of GitHub and Google, for whoever has no client of their own there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::companion::Companion;
use crate::project::Home;
use crate::settings::Settings;
use crate::template::Deployment;

/// Providers by the fakes' names for them, with the setting that leads to the real one.
const PROVIDERS: [(&str, &str); 2] = [("github", "GITHUB_CLIENT_ID"), ("google", "GOOGLE_CLIENT_ID")];

/// Client ids of the fakes begin with this, and can be set to choose among their clients.
const CLIENT_PREFIX: &str = "fake-";

/// Running fakes.
pub(super) struct Fakes {
    process: Companion,
    told: Told,
    played: Vec<&'static str>,
}

/// What the fakes say of themselves.
#[derive(Deserialize)]
struct Told {
    url: String,
    providers: BTreeMap<String, Provider>,
}

/// What leads the product to a fake instead of the real provider.
#[derive(Default, Deserialize)]
struct Provider {
    /// Values of the secret.
    settings: BTreeMap<String, String>,
    /// Parameters of the template.
    parameters: BTreeMap<String, String>,
}

impl Fakes {
    /// Starts them, if there is a provider that the settings do not lead to.
    pub(super) async fn start(
        binaries: &Path,
        home: &Home,
        product: SocketAddr,
        settings: &Settings,
    ) -> Result<Option<Self>> {
        let played = played(settings);
        if played.is_empty() {
            return Ok(None);
        }
        let state = home.path("fakes").display().to_string();
        let arguments = ["--state".into(), state, "--product".into(), format!("http://{product}")];
        let process = Companion::start(binaries, "fakes", &arguments, home).await?;
        let told = serde_json::from_str(&process.line).context("the fakes did not say where they listen")?;
        Ok(Some(Self { process, told, played }))
    }

    /// Where they answer; `/control` is there for tests.
    pub(super) fn url(&self) -> &str {
        &self.told.url
    }

    /// Puts the fakes' clients where the user has none.
    pub(super) fn fill(&self, mut settings: Settings) -> Settings {
        for (name, client_id) in self.played() {
            // Whoever chose one of the fakes' clients knows its settings.
            if settings.get(client_id).is_none() {
                self.provider(name).for_each(|provider| {
                    provider.settings.iter().for_each(|(name, value)| settings.set(name, value));
                });
            }
        }
        settings
    }

    /// Leads the functions here.
    pub(super) fn lead(&self, deployment: Deployment) -> Deployment {
        let parameters = self.played().flat_map(|(name, _)| self.provider(name)).flat_map(|given| &given.parameters);
        parameters.fold(deployment, |deployment, (name, value)| deployment.with(name, value))
    }

    /// Lets them save what they hold.
    pub(super) async fn stop(self) {
        self.process.stop().await;
    }

    fn played(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        PROVIDERS.into_iter().filter(|(name, _)| self.played.contains(name))
    }

    fn provider(&self, name: &str) -> impl Iterator<Item = &Provider> {
        self.told.providers.get(name).into_iter()
    }
}

/// The providers that the settings lead to no real client of.
fn played(settings: &Settings) -> Vec<&'static str> {
    let is_played = |id: &&str| settings.get(id).is_none_or(|id| id.starts_with(CLIENT_PREFIX));
    PROVIDERS.iter().filter(|(_, id)| is_played(id)).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_played_until_a_real_client_is_set() {
        let mut settings = Settings::default();
        assert_eq!(played(&settings), ["github", "google"]);
        settings.set("GITHUB_CLIENT_ID", "Iv23.real");
        assert_eq!(played(&settings), ["google"]);
        settings.set("GOOGLE_CLIENT_ID", "fake-google-other");
        assert_eq!(played(&settings), ["google"]);
    }
}
