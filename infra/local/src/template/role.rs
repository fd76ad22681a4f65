//! What the roles of the template allow.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Resource, Resources};

/// One action on one resource: a statement is as many of them as it has pairs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// `dynamodb:GetItem`
    pub action: String,
    /// An ARN, with `*` for any text.
    pub resource: String,
}

/// What one role allows; nothing else is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// In the template's order.
    pub grants: Vec<Grant>,
}

impl Role {
    /// The grant that allows the action on the resource, if one does.
    pub fn grant(&self, action: &str, resource: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| covers(&grant.action, action) && covers(&grant.resource, resource))
    }
}

/// The roles of the functions and of the tasks, by logical id: SAM makes a
/// function's own from its `Policies`.
pub(super) fn read_all(resources: &Resources) -> Result<BTreeMap<String, Role>> {
    let functions = resources.of("AWS::Serverless::Function");
    let functions = functions.map(|function| (function, entries(&function.properties["Policies"])));
    let roles = resources.of("AWS::IAM::Role").map(|role| {
        let policies = entries(&role.properties["Policies"]).into_iter();
        (role, policies.map(|policy| &policy["PolicyDocument"]).collect())
    });
    functions.chain(roles).map(|(resource, policies)| Ok((resource.id.clone(), read(resource, policies)?))).collect()
}

fn read(resource: &Resource, policies: Vec<&Value>) -> Result<Role> {
    let mut role = Role::default();
    for statement in policies.into_iter().flat_map(|policy| entries(&policy["Statement"])) {
        add(&mut role, statement).with_context(|| format!("{}: a statement of its policies", resource.id))?;
    }
    Ok(role)
}

fn add(role: &mut Role, statement: &Value) -> Result<()> {
    if statement["Effect"] != "Allow" {
        bail!("the local stack knows only `Effect: Allow`");
    }
    for name in ["Condition", "NotAction", "NotResource"] {
        if !statement[name].is_null() {
            bail!("the local stack does not know `{name}`");
        }
    }
    for action in texts(&statement["Action"])? {
        for resource in texts(&statement["Resource"])? {
            role.grants.push(Grant { action: action.to_owned(), resource: resource.to_owned() });
        }
    }
    Ok(())
}

/// One or many, as policies have it.
fn entries(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

fn texts(value: &Value) -> Result<Vec<&str>> {
    entries(value).into_iter().map(|text| text.as_str().with_context(|| format!("{text} is not a string"))).collect()
}

/// Whether a pattern, in which `*` is any text, is one for `text`.
fn covers(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        let cases = [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a", true),
            ("a/*", "a/b/c", true),
            ("*/files/*", "usr_1/files/f", true),
            ("*/files/*", "usr_1/raw/f", false),
            ("live/*/@connections/*", "live/POST/@connections/x", true),
            ("a*a", "a", false),
            ("*", "", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
    }
}
