//! A person with an account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub avatar_url: Option<String>,
    /// Whether this person administers the deployment.
    #[serde(default)]
    pub admin: bool,
    pub created_at: Timestamp,
}
