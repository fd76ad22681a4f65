//! Settings from the environment, each read once at cold start.

use domain::limits::Adjustable;

/// A variable that the template must set is absent.
#[derive(thiserror::Error)]
#[error("the environment variable {0} is not set; template.yaml sets it")]
pub struct Missing(&'static str);

/// A function that ends with it prints it in this form: the operator is to read a sentence.
impl std::fmt::Debug for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The variable's value; an empty one counts as absent.
pub fn required(name: &'static str) -> Result<String, Missing> {
    optional(name).ok_or(Missing(name))
}

/// The variable's value, if it is set and not empty.
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A bound as the deployment sets it.
pub fn limit(limit: &Adjustable) -> u32 {
    number(&limit.variable(), limit.default)
}

/// The variable's value as a number, if it is one.
pub fn number(name: &str, otherwise: u32) -> u32 {
    optional(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
