//! API tokens and users.

use domain::token::TokenRecord;
use domain::{Principal, TokenHash, User};
use jiff::Timestamp;

use crate::item::{Result, from_item, service, to_item};
use crate::{Store, keys};

impl Store {
    /// Whom a token stands for at this time.
    pub async fn authenticate(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Principal>> {
        let found = self
            .db
            .get_item()
            .table_name(&self.table)
            .set_key(Some(keys::token(hash).into_map()))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("GetItem"))?;
        let record: Option<TokenRecord> = found.item.map(from_item).transpose()?;
        Ok(record.and_then(|record| record.principal_at(now)))
    }

    pub async fn put_token(&self, hash: &TokenHash, record: &TokenRecord) -> Result<()> {
        self.db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(keys::token(hash), record)?))
            .send()
            .await
            .map_err(service("PutItem"))?;
        Ok(())
    }

    pub async fn put_user(&self, user: &User) -> Result<()> {
        self.db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(keys::user(user.id), user)?))
            .send()
            .await
            .map_err(service("PutItem"))?;
        Ok(())
    }
}
