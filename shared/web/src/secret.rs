//! The deployment's secret, read on first need and kept while the process lives.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::config::{self, Missing};

/// Values by the names that the README lists.
#[derive(Clone)]
pub struct Secret {
    client: aws_sdk_secretsmanager::Client,
    id: String,
    values: Arc<OnceCell<HashMap<String, String>>>,
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
        Ok(Self { client: aws_sdk_secretsmanager::Client::new(sdk), id, values: Arc::default() })
    }

    /// The value of this name; an empty one counts as absent.
    pub async fn value(&self, name: &'static str) -> Result<&str, SecretError> {
        let values = self.values.get_or_try_init(|| self.read()).await?;
        values.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(SecretError::Absent(name))
    }

    async fn read(&self) -> Result<HashMap<String, String>, SecretError> {
        let secret = self
            .client
            .get_secret_value()
            .secret_id(&self.id)
            .send()
            .await
            .map_err(|error| SecretError::Unreadable(error.into()))?;
        serde_json::from_str(secret.secret_string().unwrap_or_default())
            .map_err(|error| SecretError::Unreadable(error.into()))
    }
}
