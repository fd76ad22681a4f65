//! Who answers a model call: four dialects, each with its place, its key and its manners.

use std::env;
use std::fmt;

use http::{HeaderName, HeaderValue, header};

/// A model provider, named as sessions name it in `provider/model`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Anthropic,
    Openai,
    Google,
    /// Any server that speaks OpenAI's chat completions.
    Compatible,
}

impl Dialect {
    /// In the order in which a default model is looked for.
    pub const ALL: [Self; 4] = [Self::Anthropic, Self::Openai, Self::Google, Self::Compatible];

    /// The provider's name in a model id and in the gateway's paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Google => "google",
            Self::Compatible => "compatible",
        }
    }

    /// The provider called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// What the dialect's base URLs end in, behind the gateway as at the provider.
    pub fn version(self) -> &'static str {
        match self {
            Self::Google => "v1beta",
            _ => "v1",
        }
    }

    /// The variable that holds the provider's key.
    pub fn key_variable(self) -> &'static str {
        match self {
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::Openai => "OPENAI_API_KEY",
            Self::Google => "GOOGLE_API_KEY",
            Self::Compatible => "MODEL_API_KEY",
        }
    }

    fn base_url_variable(self) -> &'static str {
        match self {
            Self::Anthropic => "ANTHROPIC_BASE_URL",
            Self::Openai => "OPENAI_BASE_URL",
            Self::Google => "GOOGLE_BASE_URL",
            Self::Compatible => "MODEL_BASE_URL",
        }
    }

    fn public_base_url(self) -> &'static str {
        match self {
            Self::Anthropic => "https://api.anthropic.com/v1",
            Self::Openai => "https://api.openai.com/v1",
            Self::Google => "https://generativelanguage.googleapis.com/v1beta",
            Self::Compatible => "",
        }
    }

    /// The header that carries `key` in this dialect.
    pub(super) fn key_header(self, key: &ApiKey) -> Option<(HeaderName, HeaderValue)> {
        let (name, text) = match self {
            Self::Anthropic => (HeaderName::from_static("x-api-key"), key.0.clone()),
            Self::Google => (HeaderName::from_static("x-goog-api-key"), key.0.clone()),
            Self::Openai | Self::Compatible => (header::AUTHORIZATION, format!("Bearer {}", key.0)),
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    }
}

/// A provider's key. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub(super) String);

impl ApiKey {
    /// The key, unless `text` is blank.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// One provider as this runner reaches it.
#[derive(Debug, Clone)]
pub struct Provider {
    pub dialect: Dialect,
    /// The URL that stands for the gateway's `/<provider>/<version>`, without a slash at its end.
    pub base_url: String,
    pub key: Option<ApiKey>,
}

impl Provider {
    /// Whether a call can be tried: there is a key, or the server may need none.
    pub fn is_ready(&self) -> bool {
        !self.base_url.is_empty() && (self.key.is_some() || self.dialect == Dialect::Compatible)
    }
}

/// The providers, and which model a session gets that names none.
#[derive(Debug, Clone)]
pub struct Providers {
    pub list: Vec<Provider>,
    /// `DEFAULT_MODEL`, as `provider/model`.
    pub default_model: Option<String>,
    /// `MODEL_NAME`: the model of the compatible server.
    pub compatible_model: Option<String>,
}

impl Providers {
    /// Reads `ANTHROPIC_API_KEY`, `OPENAI_API_KEY`, `GOOGLE_API_KEY`, `MODEL_API_KEY`,
    /// `MODEL_BASE_URL`, `MODEL_NAME`, `DEFAULT_MODEL`, and for tests `<PROVIDER>_BASE_URL`.
    pub fn from_env() -> Self {
        Self::from_lookup(|name| env::var(name).ok())
    }

    /// As [`Self::from_env`], with the variables from `lookup`.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let provider = |dialect: Dialect| Provider {
            dialect,
            base_url: read(dialect.base_url_variable())
                .unwrap_or_else(|| dialect.public_base_url().to_owned())
                .trim_end_matches('/')
                .to_owned(),
            key: read(dialect.key_variable()).as_deref().and_then(ApiKey::new),
        };
        Self {
            list: Dialect::ALL.into_iter().map(provider).collect(),
            default_model: read("DEFAULT_MODEL"),
            compatible_model: read("MODEL_NAME"),
        }
    }

    /// The provider that speaks `dialect`.
    pub fn get(&self, dialect: Dialect) -> &Provider {
        self.list.iter().find(|provider| provider.dialect == dialect).expect("the list is made from Dialect::ALL")
    }
}
