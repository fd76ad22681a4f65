//! API tokens and users.

use domain::token::TokenRecord;
use domain::{Principal, TokenHash, User, UserId};
use jiff::Timestamp;

use crate::item::{Result, to_item};
use crate::{Store, keys};

impl Store {
    /// Whom a token stands for at this time.
    pub async fn authenticate(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Principal>> {
        let record: Option<TokenRecord> = self.get(keys::token(hash)).await?;
        Ok(record.and_then(|record| record.principal_at(now)))
    }

    pub async fn put_token(&self, hash: &TokenHash, record: &TokenRecord) -> Result<()> {
        self.put(to_item(keys::token(hash), record)?).await
    }

    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.get(keys::user(id)).await
    }

    pub async fn put_user(&self, user: &User) -> Result<()> {
        self.put(to_item(keys::user(user.id), user)?).await
    }
}
