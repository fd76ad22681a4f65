//! Query parameters, some of them repeated.

use super::refusal::Refusal;

/// The pairs of a query string in their order.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(query: Option<String>) -> Self {
        Self(serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default())
    }

    /// The first value of this name; an empty one counts as absent.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.one(name)?.parse().ok()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.one(name) == Some("true")
    }

    /// RFC 3339 with an offset, as milliseconds since 1970.
    pub(crate) fn time_ms(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
        self.one(name).map(parse).transpose().map_err(|_| Refusal::new(400, "badRequest", "Bad Request"))
    }

    /// All but these, in the order of their names.
    pub(crate) fn without(&self, names: &[&str]) -> String {
        let mut kept: Vec<_> = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).collect();
        kept.sort();
        serde_urlencoded::to_string(kept).unwrap_or_default()
    }
}
