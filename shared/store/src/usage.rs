//! What a user's turns used: added up by day, in the transaction that ends the
//! turn, so that each counts once.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::message::Usage;
use domain::usage::{UsageDay, day};
use domain::{UserId, limits};
use jiff::{SignedDuration, Timestamp};

use crate::item::{Error, Result, from_item, n, s, service, ttl};
use crate::{Store, keys};

impl Store {
    pub(crate) fn count_usage(&self, owner: UserId, used: Usage, now: Timestamp) -> Result<TransactWriteItem> {
        let day = day(now);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::usage(owner, &day).into_map()))
            .update_expression(
                "SET #day = :day, #ttl = :ttl ADD turns :one, input_tokens :input, output_tokens :output, \
                 reasoning_tokens :reasoning, cache_read_tokens :read, cache_write_tokens :written, cost_usd :cost",
            )
            .expression_attribute_names("#day", "day")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":day", s(day))
            .expression_attribute_values(":ttl", n(ttl(now, SignedDuration::from_hours(24 * limits::USAGE_DAYS))))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":input", n(used.input_tokens))
            .expression_attribute_values(":output", n(used.output_tokens))
            .expression_attribute_values(":reasoning", n(used.reasoning_tokens))
            .expression_attribute_values(":read", n(used.cache_read_tokens))
            .expression_attribute_values(":written", n(used.cache_write_tokens))
            .expression_attribute_values(":cost", n(used.cost_usd))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The days from `from` to `to`, both included, on which something was used; newest first.
    pub async fn usage(&self, owner: UserId, from: Timestamp, to: Timestamp) -> Result<Vec<UsageDay>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::user_partition(owner)))
            .expression_attribute_values(":from", s(keys::usage(owner, &day(from)).sk))
            .expression_attribute_values(":to", s(keys::usage(owner, &day(to)).sk))
            .scan_index_forward(false)
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }
}
