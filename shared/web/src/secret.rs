//! The deployment's secret, read on first need and kept while the process lives.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::config::{self, Missing};

/// Values by the names that the README lists.
#[derive(Clone)]
pub struct Secret {
    /// `None`: it has the values that a test gave it.
    source: Option<Source>,
    values: Arc<OnceCell<HashMap<String, String>>>,
}

/// Where a secret is read from.
#[derive(Clone)]
struct Source {
    client: aws_sdk_secretsmanager::Client,
    id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the secret could not be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the secret has no value for {0}")]
    Absent(&'static str),
}

impl Secret {
    /// `SECRET_ID` says which.
    pub fn from_env(sdk: &aws_config::SdkConfig) -> Result<Self, Missing> {
        let id = config::required("SECRET_ID")?;
        let source = Source { client: aws_sdk_secretsmanager::Client::new(sdk), id };
        Ok(Self { source: Some(source), values: Arc::default() })
    }

    /// A secret with these values, for tests.
    pub fn of(values: HashMap<String, String>) -> Self {
        Self { source: None, values: Arc::new(OnceCell::new_with(Some(values))) }
    }

    /// The value of this name; an empty one counts as absent.
    pub async fn value(&self, name: &'static str) -> Result<&str, SecretError> {
        let values = self.values().await?;
        values.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(SecretError::Absent(name))
    }

    /// The same secret, to be read anew: its values may have changed.
    pub fn unread(&self) -> Self {
        match &self.source {
            Some(source) => Self { source: Some(source.clone()), values: Arc::default() },
            None => self.clone(),
        }
    }

    /// Every value, by name.
    pub async fn values(&self) -> Result<&HashMap<String, String>, SecretError> {
        self.values.get_or_try_init(|| self.read()).await
    }

    async fn read(&self) -> Result<HashMap<String, String>, SecretError> {
        let Some(source) = &self.source else { return Ok(HashMap::new()) };
        let secret = source
            .client
            .get_secret_value()
            .secret_id(&source.id)
            .send()
            .await
            .map_err(|error| SecretError::Unreadable(error.into()))?;
        serde_json::from_str(secret.secret_string().unwrap_or_default())
            .map_err(|error| SecretError::Unreadable(error.into()))
    }
}
