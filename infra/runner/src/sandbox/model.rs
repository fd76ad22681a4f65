//! Which model answers: the session's own, else the configured default, else the first that has a key.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::gateway::{Dialect, Providers};

/// A model as OpenCode names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    pub provider: String,
    pub model: String,
}

/// The session names a model that no provider of ours has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model \"{0}\"; name it as anthropic/…, openai/…, google/… or compatible/…")]
pub struct UnknownModel(pub String);

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl ModelRef {
    /// Picks the model of a session that asks for `wanted`.
    pub fn choose(wanted: Option<&str>, providers: &Providers) -> Result<Self, UnknownModel> {
        match wanted.or(providers.default_model.as_deref()) {
            Some(name) => Self::parse(name),
            None => Ok(Self::first_ready(providers)),
        }
    }

    /// The provider that has this model.
    pub fn dialect(&self) -> Dialect {
        Dialect::named(&self.provider).expect("a ModelRef is only made for a known provider")
    }

    /// The cheap sibling for titles and summaries; a model chosen by hand may have none.
    pub(super) fn small(&self, providers: &Providers) -> Self {
        match self.dialect() {
            Dialect::Compatible => self.clone(),
            dialect => Self::of(dialect, default_models(dialect, providers).1),
        }
    }

    fn parse(name: &str) -> Result<Self, UnknownModel> {
        let unknown = || UnknownModel(name.to_owned());
        let (provider, model) = name.split_once('/').ok_or_else(unknown)?;
        let dialect = Dialect::named(provider).ok_or_else(unknown)?;
        let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        match !model.is_empty() && model.len() <= 200 && model.chars().all(plain) {
            true => Ok(Self::of(dialect, model)),
            false => Err(unknown()),
        }
    }

    /// With nothing configured this is Anthropic's, whose refusal tells what to configure.
    fn first_ready(providers: &Providers) -> Self {
        let ready = Dialect::ALL.into_iter().find(|dialect| providers.get(*dialect).is_ready());
        let dialect = ready.unwrap_or(Dialect::Anthropic);
        Self::of(dialect, default_models(dialect, providers).0)
    }

    fn of(dialect: Dialect, model: &str) -> Self {
        Self { provider: dialect.name().to_owned(), model: model.to_owned() }
    }
}

/// The model for work and the one for small things, as the pinned OpenCode knows them.
fn default_models(dialect: Dialect, providers: &Providers) -> (&str, &str) {
    match dialect {
        Dialect::Anthropic => ("claude-sonnet-5", "claude-haiku-4-5"),
        Dialect::Openai => ("gpt-6-sol", "gpt-6-luna"),
        Dialect::Google => ("gemini-3.8-flash", "gemini-3.5-flash-lite"),
        Dialect::Compatible => {
            let name = providers.compatible_model.as_deref().unwrap_or("default");
            (name, name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn providers(variables: &[(&str, &str)]) -> Providers {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Providers::from_lookup(find)
    }

    #[test]
    fn the_first_provider_with_a_key_answers_when_nothing_is_chosen() {
        let table: &[(&[(&str, &str)], &str)] = &[
            (&[("ANTHROPIC_API_KEY", "a"), ("OPENAI_API_KEY", "b")], "anthropic/claude-sonnet-5"),
            (&[("OPENAI_API_KEY", "b"), ("GOOGLE_API_KEY", "c")], "openai/gpt-6-sol"),
            (&[("GOOGLE_API_KEY", "c"), ("MODEL_BASE_URL", "http://m/v1")], "google/gemini-3.8-flash"),
            (&[("MODEL_BASE_URL", "http://m/v1"), ("MODEL_NAME", "demo")], "compatible/demo"),
            (&[("ANTHROPIC_API_KEY", " "), ("MODEL_BASE_URL", "http://m/v1")], "compatible/default"),
            (&[("ANTHROPIC_API_KEY", "a"), ("DEFAULT_MODEL", "openai/o3")], "openai/o3"),
            (&[], "anthropic/claude-sonnet-5"),
        ];
        for (variables, expected) in table {
            let chosen = ModelRef::choose(None, &providers(variables)).unwrap();
            assert_eq!(chosen.to_string(), *expected, "{variables:?}");
        }
    }

    #[test]
    fn a_sessions_own_model_wins_and_may_contain_slashes() {
        let providers = providers(&[("DEFAULT_MODEL", "openai/o3")]);
        let chosen = ModelRef::choose(Some("compatible/meta/llama-4"), &providers).unwrap();
        assert_eq!((chosen.provider.as_str(), chosen.model.as_str()), ("compatible", "meta/llama-4"));
    }

    #[test]
    fn a_model_of_no_provider_is_refused_by_name() {
        for name in ["gpt-6", "mistral/large", "openai/", "openai/a b", ""] {
            assert_eq!(ModelRef::choose(Some(name), &providers(&[])), Err(UnknownModel(name.to_owned())));
        }
    }
}
