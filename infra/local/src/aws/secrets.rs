//! Secrets Manager: the template's secret, with the values of `.env` on top.
//!
//! What is generated is generated once and kept in a file that only its owner
//! reads: with another encryption key, stored credentials could not be opened.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Map, Value, json};

use super::json::Refusal;
use crate::template::{Secret, SecretValue};

/// The one secret of the stack.
#[derive(Clone)]
pub struct Secrets {
    name: Arc<str>,
    arn: Arc<str>,
    values: Arc<Map<String, Value>>,
}

impl Secrets {
    /// Loads the kept values, generates what is missing and puts `over` on top.
    ///
    /// Of `over` only the names that the secret has are taken.
    pub fn open(secret: &Secret, kept: &Path, over: &BTreeMap<String, String>) -> Result<Self> {
        let mut values = first_values(&secret.value, kept)?;
        for (name, value) in &mut values {
            if let Some(given) = over.get(name).filter(|given| !given.is_empty()) {
                *value = given.as_str().into();
            }
        }
        Ok(Self { name: secret.name.as_str().into(), arn: secret.arn.as_str().into(), values: Arc::new(values) })
    }

    /// Resolves a container's `ValueFrom`: `arn`, or `arn:key::` for one value.
    pub fn resolve(&self, value_from: &str) -> Option<String> {
        let key = value_from.strip_prefix(&*self.arn)?;
        match key.trim_matches(':') {
            "" => Some(Value::Object((*self.values).clone()).to_string()),
            key => Some(self.values.get(key)?.as_str()?.to_owned()),
        }
    }

    /// Carries out one operation of the API.
    pub fn call(&self, operation: &str, input: Value) -> Result<Value, Refusal> {
        match operation {
            "GetSecretValue" => self.get(input["SecretId"].as_str().unwrap_or_default()),
            other => Err(Refusal::unknown_operation(other)),
        }
    }

    fn get(&self, id: &str) -> Result<Value, Refusal> {
        if !self.is(id) {
            let message = "Secrets Manager can't find the specified secret.";
            return Err(Refusal::new("ResourceNotFoundException", message));
        }
        Ok(json!({
            "ARN": &*self.arn,
            "Name": &*self.name,
            "VersionId": "00000000-0000-4000-8000-000000000000",
            "VersionStages": ["AWSCURRENT"],
            "SecretString": Value::Object((*self.values).clone()).to_string(),
        }))
    }

    fn is(&self, id: &str) -> bool {
        id == &*self.arn || id == &*self.name
    }
}

fn first_values(value: &SecretValue, kept: &Path) -> Result<Map<String, Value>> {
    match value {
        SecretValue::Given(text) => serde_json::from_str(text).context("SecretString is not a JSON object"),
        SecretValue::Generated { template, key, length, .. } => {
            let key = key.as_deref().context("GenerateSecretString has no GenerateStringKey")?;
            let template = template.as_deref().unwrap_or("{}");
            let mut values: Map<String, Value> =
                serde_json::from_str(template).context("SecretStringTemplate is not a JSON object")?;
            values.insert(key.to_owned(), generate_once(key, *length, kept)?.into());
            Ok(values)
        }
    }
}

/// Letters and digits only: fewer kinds than AWS may take, never more.
fn generate_once(key: &str, length: usize, kept: &Path) -> Result<String> {
    if kept.exists() {
        let values: Map<String, Value> =
            serde_json::from_slice(&fs::read(kept)?).with_context(|| format!("{} is not JSON", kept.display()))?;
        if let Some(value) = values.get(key).and_then(Value::as_str) {
            return Ok(value.to_owned());
        }
    }
    let value: String = rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect();
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(kept)?;
    file.write_all(json!({ key: value }).to_string().as_bytes())?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(kept: &Path, env: &[(&str, &str)]) -> Secrets {
        let over = env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let value = SecretValue::Generated {
            template: Some(r#"{"OPENAI_API_KEY": ""}"#.into()),
            key: Some("ENCRYPTION_KEY".into()),
            length: 32,
            exclude_punctuation: true,
        };
        Secrets::open(&Secret { name: "s".into(), arn: "arn:s".into(), value }, kept, &over).unwrap()
    }

    #[test]
    fn a_generated_value_stays_the_same_and_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = crate::testing::folder("secrets-kept");
        let kept = home.path().join("secret.json");
        let first = open(&kept, &[]).resolve("arn:s:ENCRYPTION_KEY::");
        let second = open(&kept, &[]).resolve("arn:s:ENCRYPTION_KEY::");
        assert_eq!(first, second);
        assert_eq!(first.unwrap().len(), 32);
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_environment_fills_only_names_of_the_secret() {
        let home = crate::testing::folder("secrets-env");
        let secrets = open(&home.path().join("secret.json"), &[("OPENAI_API_KEY", "sk-1"), ("OTHER", "x")]);
        let answer = secrets.call("GetSecretValue", json!({ "SecretId": "s" })).unwrap();
        let values: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
        assert_eq!(values["OPENAI_API_KEY"], "sk-1");
        assert_eq!(values.get("OTHER"), None);
    }

    #[test]
    fn an_unknown_secret_is_refused_as_aws_does() {
        let home = crate::testing::folder("secrets-unknown");
        let refusal = open(&home.path().join("secret.json"), &[])
            .call("GetSecretValue", json!({ "SecretId": "nothing" }))
            .unwrap_err();
        let message = "Secrets Manager can't find the specified secret.";
        assert_eq!(refusal, Refusal::new("ResourceNotFoundException", message));
    }
}
