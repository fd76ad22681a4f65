//! Event patterns: the part of EventBridge's language that templates use.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// A pattern that was read and understood.
#[derive(Debug)]
pub(super) struct Pattern(Vec<(String, Field)>);

#[derive(Debug)]
enum Field {
    Nested(Pattern),
    AnyOf(Vec<Condition>),
}

#[derive(Debug)]
enum Condition {
    Is(Value),
    Prefix(String),
    Exists(bool),
    AnythingBut(Vec<Value>),
}

impl Pattern {
    /// Reads a pattern; what this emulation does not understand is an error, not a silent mismatch.
    pub(super) fn parse(pattern: &Value) -> Result<Self> {
        let Value::Object(fields) = pattern else { bail!("an event pattern is an object, not {pattern}") };
        Self::parse_fields(fields)
    }

    /// Whether the event fits.
    pub(super) fn matches(&self, event: &Value) -> bool {
        self.0.iter().all(|(name, field)| match (field, event.get(name)) {
            (Field::Nested(pattern), Some(value)) => pattern.matches(value),
            (Field::Nested(pattern), None) => pattern.matches(&Value::Null),
            (Field::AnyOf(conditions), value) => conditions.iter().any(|condition| condition.holds(value)),
        })
    }

    fn parse_fields(fields: &Map<String, Value>) -> Result<Self> {
        let parse = |(name, value): (&String, &Value)| {
            let field = match value {
                Value::Object(nested) => Field::Nested(Self::parse_fields(nested)?),
                Value::Array(conditions) => {
                    Field::AnyOf(conditions.iter().map(Condition::parse).collect::<Result<_>>()?)
                }
                other => bail!("event pattern field {name} holds {other}; EventBridge wants a list"),
            };
            Ok((name.clone(), field))
        };
        Ok(Self(fields.iter().map(parse).collect::<Result<_>>()?))
    }
}

impl Condition {
    fn parse(condition: &Value) -> Result<Self> {
        let Value::Object(matcher) = condition else { return Ok(Self::Is(condition.clone())) };
        let single = matcher.iter().next().filter(|_| matcher.len() == 1);
        match single.map(|(name, value)| (name.as_str(), value)) {
            Some(("prefix", Value::String(prefix))) => Ok(Self::Prefix(prefix.clone())),
            Some(("exists", Value::Bool(exists))) => Ok(Self::Exists(*exists)),
            Some(("anything-but", Value::Array(values))) => Ok(Self::AnythingBut(values.clone())),
            Some(("anything-but", value @ (Value::String(_) | Value::Number(_)))) => {
                Ok(Self::AnythingBut(vec![value.clone()]))
            }
            _ => bail!("the local stack does not understand the event pattern {condition}"),
        }
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        match value {
            // A list in the event fits when one of its members does.
            Some(Value::Array(values)) => values.iter().any(|value| self.holds_one(Some(value))),
            value => self.holds_one(value),
        }
    }

    fn holds_one(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Exists(exists) => value.is_some() == *exists,
            Self::Is(wanted) => value == Some(wanted),
            Self::Prefix(prefix) => value.and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix)),
            Self::AnythingBut(values) => value.is_some_and(|value| !values.contains(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_match_as_eventbridge_documents() {
        let event = json!({
            "source": "aws.ecs",
            "detail": { "lastStatus": "STOPPED", "n": 3, "tags": ["a", "b"], "none": null, "in": { "deep": "x" } },
        });
        let table = [
            (json!({ "source": ["aws.ecs"] }), true),
            (json!({ "source": ["other", "aws.ecs"] }), true),
            (json!({ "source": ["other"] }), false),
            (json!({ "source": [{ "prefix": "aws." }], "detail": { "lastStatus": ["RUNNING"] } }), false),
            (json!({ "detail": { "lastStatus": ["STOPPED"], "n": [3] } }), true),
            (json!({ "detail": { "n": ["3"] } }), false),
            (json!({ "detail": { "tags": ["b"] } }), true),
            (json!({ "detail": { "none": [null] } }), true),
            (json!({ "detail": { "lastStatus": [{ "anything-but": ["RUNNING", "PENDING"] }] } }), true),
            (json!({ "detail": { "lastStatus": [{ "anything-but": "STOPPED" }] } }), false),
            (json!({ "detail": { "absent": [{ "anything-but": "x" }] } }), false),
            (json!({ "detail": { "absent": [{ "exists": false }] } }), true),
            (json!({ "detail": { "n": [{ "exists": false }] } }), false),
            (json!({ "detail": { "in": { "deep": [{ "prefix": "x" }] } } }), true),
            (json!({ "other": { "deep": [{ "exists": false }] } }), true),
            (json!({ "other": { "deep": ["x"] } }), false),
        ];
        for (pattern, expected) in table {
            assert_eq!(Pattern::parse(&pattern).unwrap().matches(&event), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_is_not_understood_is_an_error() {
        for pattern in [json!({ "a": [{ "numeric": [">", 1] }] }), json!({ "a": "b" }), json!([])] {
            assert!(Pattern::parse(&pattern).is_err(), "{pattern}");
        }
    }
}
