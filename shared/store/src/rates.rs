//! Buckets of rates: one conditional write each, and a second one when the first
//! has guessed wrong whether the bucket is full.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::rate::Rate;
use domain::{UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, n, service, ttl};
use crate::{Store, keys};

/// What became of taking from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// There is not enough in it; there will be from then on.
    No {
        from: Timestamp,
    },
}

#[derive(Deserialize)]
struct Bucket {
    /// Microseconds since 1970 at which it will be full.
    full_at: i64,
}

/// What is to be taken, and where.
struct Taking<'a> {
    key: keys::Key,
    rate: &'a Rate,
    taken: u32,
    now: Timestamp,
}

impl Store {
    /// Takes `taken` from the user's bucket of this rate; `holder` tells several
    /// buckets of one rate apart, such as those of a user's tokens.
    pub async fn draw(
        &self,
        owner: UserId,
        rate: &Rate,
        holder: Option<&str>,
        taken: u32,
        now: Timestamp,
    ) -> Result<Taken> {
        let taking = Taking { key: keys::rate(owner, rate.name, holder), rate, taken, now };
        // Whoever asks seldom finds it full.
        let mut full_at = None;
        for _ in 0..limits::RACE_RETRIES_MAX {
            let after = match rate.take(full_at, taken, now) {
                Ok(after) => after,
                Err(from) => return Ok(Taken::No { from }),
            };
            match self.fill(&taking, full_at, after).await? {
                Ok(()) => return Ok(Taken::Yes),
                Err(found) => full_at = found,
            }
        }
        Err(Error::Throttled)
    }

    /// Writes when the bucket will be full, if it is as it was thought to be: full,
    /// or with room for what is taken. Else gives what was found.
    async fn fill(
        &self,
        taking: &Taking<'_>,
        before: Option<Timestamp>,
        after: Timestamp,
    ) -> Result<std::result::Result<(), Option<Timestamp>>> {
        let Taking { key, rate, taken, now } = taking;
        let update = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_map()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", n(ttl(after, SignedDuration::from_secs(1))))
            .expression_attribute_values(":now", n(now.as_microsecond()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = if before.is_some_and(|before| before > *now) {
            let cost = rate.refill(*taken);
            // Others take from it at the same time: add to what stands there.
            update
                .update_expression("SET full_at = full_at + :cost, #ttl = :ttl")
                .condition_expression(self.condition(Condition::RoomInBucket))
                .expression_attribute_values(":cost", n(cost.as_micros()))
                .expression_attribute_values(":latest", n((*now + rate.per - cost).as_microsecond()))
        } else {
            update
                .update_expression("SET full_at = :after, #ttl = :ttl")
                .condition_expression(self.condition(Condition::BucketFull))
                .expression_attribute_values(":after", n(after.as_microsecond()))
        };
        match update.send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let found: Option<Bucket> = failed.item().cloned().map(from_item).transpose()?;
                    let full_at = found.map(|bucket| Timestamp::from_microsecond(bucket.full_at));
                    Ok(Err(full_at.transpose().map_err(Error::malformed)?))
                }
                _ => Err(service("UpdateItem")(error)),
            },
        }
    }
}
