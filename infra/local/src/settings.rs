//! The user's settings: `.env` in the project, and the environment on top.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::project::DEFAULT_PORT;

/// Providers whose key makes them answer, in the order of the default model.
const PROVIDERS: [(&str, &str); 3] =
    [("anthropic", "ANTHROPIC_API_KEY"), ("openai", "OPENAI_API_KEY"), ("google", "GOOGLE_API_KEY")];

/// What a user may set, secrets among them: never printed.
const NAMES: [&str; 29] = [
    "PORT",
    "ENCRYPTION_KEY",
    "ENCRYPTION_KEYS",
    "OPENCODE_SERVER_PASSWORD",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GOOGLE_API_KEY",
    "DEFAULT_MODEL",
    "MODEL_BASE_URL",
    "MODEL_NAME",
    "MODEL_API_KEY",
    "IDLE_STOP_SECONDS",
    "ANSWER_SECONDS",
    "REQUESTS_PER_MINUTE",
    "TOKEN_REQUESTS_PER_MINUTE",
    "MESSAGES_PER_HOUR",
    "SANDBOXES_AT_ONCE",
    "STORAGE_GIB",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "ERASURE_SETTLE_SECONDS",
    "CORS_ORIGIN",
    "PUBLIC_URL",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "GITHUB_APP_ID",
    "GITHUB_APP_PRIVATE_KEY",
    "GITHUB_WEBHOOK_SECRET",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
];

/// Variables by name; an empty one counts as absent.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

/// Who answers the prompts.
#[derive(Debug, PartialEq)]
pub enum Answering {
    /// A model that the settings lead to.
    Model(String),
    /// The scripted model of the local stack.
    Demo,
}

impl Settings {
    /// Reads `.env`, if it is there, and puts the environment on top.
    pub fn load(env_file: &Path) -> Result<Self> {
        let mut settings = Self::default();
        if env_file.is_file() {
            let lines = dotenvy::from_path_iter(env_file).context("cannot read .env")?;
            for line in lines {
                // The error would quote the line, which may hold a secret.
                let (name, value) = line.map_err(|_| anyhow::anyhow!(".env has a line that is not NAME=value"))?;
                settings.set(&name, &value);
            }
        }
        for (name, value) in std::env::vars().filter(|(name, _)| NAMES.contains(&name.as_str())) {
            settings.set(&name, &value);
        }
        Ok(settings)
    }

    /// Sets one variable.
    pub fn set(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// One variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The port of the origin.
    pub fn port(&self) -> Result<u16> {
        self.get("PORT").map_or(Ok(DEFAULT_PORT), |port| port.parse().context("PORT is not a port number"))
    }

    /// Who will answer a session that names no model.
    pub fn answering(&self) -> Answering {
        let provider = PROVIDERS.iter().find(|(_, key)| self.get(key).is_some());
        match (provider, self.get("MODEL_BASE_URL"), self.get("DEFAULT_MODEL")) {
            (None, None, _) => Answering::Demo,
            (_, _, Some(model)) => Answering::Model(format!("{model} (DEFAULT_MODEL)")),
            (Some((provider, key)), ..) => Answering::Model(format!("{provider}'s default model ({key} is set)")),
            (None, Some(_), None) => {
                let name = self.get("MODEL_NAME").unwrap_or("its default");
                Answering::Model(format!("compatible/{name} (MODEL_BASE_URL is set)"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        variables.iter().for_each(|(name, value)| settings.set(name, value));
        settings
    }

    #[test]
    fn without_a_key_the_demo_model_answers() {
        assert_eq!(settings(&[]).answering(), Answering::Demo);
        assert_eq!(settings(&[("OPENAI_API_KEY", ""), ("DEFAULT_MODEL", "openai/x")]).answering(), Answering::Demo);
    }

    #[test]
    fn a_key_or_a_base_url_makes_a_model_answer() {
        let who = |variables: &[(&str, &str)]| match settings(variables).answering() {
            Answering::Model(who) => who,
            Answering::Demo => "demo".into(),
        };
        assert!(who(&[("GOOGLE_API_KEY", "k"), ("OPENAI_API_KEY", "k")]).starts_with("openai"));
        assert!(who(&[("GOOGLE_API_KEY", "k"), ("DEFAULT_MODEL", "google/g")]).starts_with("google/g"));
        assert!(who(&[("MODEL_BASE_URL", "http://x"), ("MODEL_NAME", "m")]).starts_with("compatible/m"));
    }

    #[test]
    fn a_broken_env_file_is_told_without_its_content() {
        let folder = testing::folder("settings");
        let file = folder.path().join(".env");
        std::fs::write(&file, "OPENAI_API_KEY='sk-secret").unwrap();
        let error = Settings::load(&file).err().unwrap();
        assert!(!format!("{error:#}").contains("sk-secret"), "{error:#}");
    }
}
