//! What the operator set for the providers: client ids, secrets, base URLs.

use std::collections::HashMap;

/// Values by name: the function's variables, and the deployment's secret on top.
/// Never printed, for most of them are secrets.
#[derive(Clone)]
pub struct Settings {
    /// For every call to a provider; it has time limits of its own.
    pub http: reqwest::Client,
    values: HashMap<String, String>,
}

impl Settings {
    pub fn new(http: reqwest::Client, values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { http, values: values.into_iter().filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// A value; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A base URL without a slash at its end; `default` is the real service's.
    pub fn url(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or(default).trim_end_matches('/').to_owned()
    }
}
