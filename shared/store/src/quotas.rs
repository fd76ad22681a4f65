//! What a user has left to spend at a service.

use domain::sync::{Bucket, Quota};
use domain::{Service, UserId, limits};
use jiff::{SignedDuration, Timestamp};

use crate::conditions::Condition;
use crate::item::{Result, n, to_item};
use crate::{Store, keys};

impl Store {
    /// Takes units from the user's bucket, or says when there will be as many.
    pub async fn spend(
        &self,
        owner: UserId,
        service: &Service,
        quota: Quota,
        units: u32,
        full: bool,
        now: Timestamp,
    ) -> Result<std::result::Result<(), Timestamp>> {
        for _ in 0..limits::RACE_RETRIES_MAX {
            let bucket: Option<Bucket> = self.get(keys::quota(owner, service)).await?;
            let bucket = bucket.unwrap_or_else(|| Bucket::full(quota, now));
            let after = match bucket.take(quota, units, full, now) {
                Ok(after) => after,
                Err(at) => return Ok(Err(at)),
            };
            let item = to_item(keys::quota(owner, service), &after)?;
            if self.put_if(item, Condition::QuotaUnchanged, &[(":before", n(bucket.rev))]).await?.is_some() {
                return Ok(Ok(()));
            }
        }
        // So many spend at once that one more should wait a little.
        Ok(Err(now + SignedDuration::from_secs(1)))
    }
}
