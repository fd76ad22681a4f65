//! The few calls that all aggregates make.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnValue, TransactWriteItem};
use serde::de::DeserializeOwned;

use crate::Store;
use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, s, service};
use crate::keys::Key;

/// The values that an expression names.
pub(crate) type Values<'a> = &'a [(&'a str, AttributeValue)];

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
        self.put_where(Condition::New, item).await
    }

    /// Writes an item under a condition without values; whether it held.
    pub(crate) async fn put_where(&self, condition: Condition, item: Item) -> Result<bool> {
        let put = self
            .db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(self.condition(condition))
            .send()
            .await;
        match put {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            other => other.map(|_| true).map_err(service("PutItem")),
        }
    }

    /// Writes an item under a condition; `None` when it did not hold, else what stood there.
    pub(crate) async fn put_if(
        &self,
        item: Item,
        condition: Condition,
        values: Values<'_>,
    ) -> Result<Option<Option<Item>>> {
        let put = self
            .db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(self.condition(condition))
            .set_expression_attribute_values(map(values))
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        match put {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(None)
            }
            other => other.map(|put| Some(put.attributes)).map_err(service("PutItem")),
        }
    }

    /// Changes an item under a condition; `None` when it did not hold, else the item after it.
    /// No attribute's name may be a reserved word.
    pub(crate) async fn update_if(
        &self,
        key: Key,
        expression: &str,
        condition: Condition,
        values: Values<'_>,
    ) -> Result<Option<Item>> {
        let update = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .update_expression(expression)
            .condition_expression(self.condition(condition))
            .set_expression_attribute_values(map(values))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match update {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(None)
            }
            other => other.map(|update| update.attributes).map_err(service("UpdateItem")),
        }
    }

    /// Changes an item, or makes it; the item after it.
    pub(crate) async fn update(&self, key: Key, expression: &str, values: Values<'_>) -> Result<Item> {
        let update = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .update_expression(expression)
            .set_expression_attribute_values(map(values))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(service("UpdateItem"))?;
        Ok(update.attributes.unwrap_or_default())
    }

    /// Deletes an item under a condition; whether it held.
    pub(crate) async fn delete_if(&self, key: Key, condition: Condition, values: Values<'_>) -> Result<bool> {
        let delete = self
            .db
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .condition_expression(self.condition(condition))
            .set_expression_attribute_values(map(values))
            .send()
            .await;
        match delete {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            other => other.map(|_| true).map_err(service("DeleteItem")),
        }
    }

    /// Takes an item away: of all who ask, one gets it.
    pub(crate) async fn take<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>> {
        let deleted = self
            .db
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(service("DeleteItem"))?;
        deleted.attributes.map(from_item).transpose()
    }

    /// Every item of a partition whose sort key begins with `prefix`.
    pub(crate) async fn all_with_prefix(&self, pk: String, prefix: &str) -> Result<Vec<Item>> {
        let mut pages = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":prefix", s(prefix))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(service("Query"))?);
        }
        Ok(items)
    }

    /// A page of a partition's items whose sort key begins with `prefix`, newest first, from
    /// behind `after`; whether there are more.
    pub(crate) async fn page_with_prefix(
        &self,
        pk: String,
        prefix: &str,
        after: Option<Key>,
        limit: u32,
    ) -> Result<(Vec<Item>, bool)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":prefix", s(prefix))
            .set_exclusive_start_key(after.map(Key::into_map))
            .scan_index_forward(false)
            .consistent_read(true)
            // One more than asked for tells whether there is another page.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        let mut items = page.items.unwrap_or_default();
        let more = items.len() > limit;
        items.truncate(limit);
        Ok((items, more))
    }

    /// A conditional put as a part of a transaction.
    pub(crate) fn put_in(&self, item: Item, condition: Condition, values: Values<'_>) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(self.condition(condition))
            .set_expression_attribute_values(map(values))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A delete as a part of a transaction.
    pub(crate) fn delete_in(&self, key: Key) -> Result<TransactWriteItem> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key.into_map()));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(Error::malformed)?).build())
    }

    /// Writes all or nothing; whether every condition held.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<bool> {
        match self.db.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let cancelled = error.as_service_error().is_some_and(|error| {
                    let reasons = match error {
                        TransactWriteItemsError::TransactionCanceledException(e) => e.cancellation_reasons(),
                        _ => return false,
                    };
                    let lost = ["ConditionalCheckFailed", "TransactionConflict"];
                    reasons.iter().filter_map(|reason| reason.code()).any(|code| lost.contains(&code))
                });
                if cancelled { Ok(false) } else { Err(service("TransactWriteItems")(error)) }
            }
        }
    }

    /// Deletes what stands under `key`, if anything does.
    pub(crate) async fn delete(&self, key: Key) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.table).set_key(Some(key.into_map()));
        delete.send().await.map(drop).map_err(service("DeleteItem"))
    }
}

fn map(values: Values<'_>) -> Option<Item> {
    let map: Item = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    (!map.is_empty()).then_some(map)
}
