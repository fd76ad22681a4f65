//! The few calls that all aggregates make.

use serde::de::DeserializeOwned;

use crate::Store;
use crate::conditions::Condition;
use crate::item::{Item, Result, from_item, service};
use crate::keys::Key;

impl Store {
    /// The condition as an expression.
    pub(crate) fn condition(&self, condition: Condition) -> String {
        let expression = condition.expression();
        #[cfg(test)]
        if self.without == Some(condition) {
            // Always true, and every name and value is still used.
            return format!("({expression}) OR attribute_exists(pk) OR attribute_not_exists(pk)");
        }
        expression.to_owned()
    }

    /// The item under `key` as it is now.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>> {
        let found = self
            .db
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("GetItem"))?;
        found.item.map(from_item).transpose()
    }

    /// Writes an item whatever stood there.
    pub(crate) async fn put(&self, item: Item) -> Result<()> {
        let put = self.db.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map(drop).map_err(service("PutItem"))
    }

    /// Writes an item where none stands; whether it did.
    pub(crate) async fn put_new(&self, item: Item) -> Result<bool> {
        let put = self
            .db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(self.condition(Condition::New))
            .send()
            .await;
        match put {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            other => other.map(|_| true).map_err(service("PutItem")),
        }
    }

    /// Deletes what stands under `key`, if anything does.
    pub(crate) async fn delete(&self, key: Key) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.table).set_key(Some(key.into_map()));
        delete.send().await.map(drop).map_err(service("DeleteItem"))
    }
}
