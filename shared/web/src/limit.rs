//! How often a caller may call. Each user and each of their tokens has a bucket
//! in the table; a process lets requests through on its own account and writes
//! them down a twentieth of the bucket at a time, so that most requests cost
//! nothing and a flood is refused from memory.
//!
//! Why not the gateway's usage plans: they know callers by an `x-api-key` that
//! our tokens and cookies are not, count at their best effort, and say neither
//! whose limit was reached nor when to come back.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use domain::limits::Adjustable;
use domain::rate::{Rate, Step, Tab};
use domain::{UserId, limits};
use jiff::{SignedDuration, Timestamp};
use store::{Bounds, Store, Taken};

use crate::{ApiError, config};

/// What is unpaid, by user, by token where it is theirs, and by rate.
type Tabs = HashMap<(UserId, Option<String>, &'static str), Tab>;

static LIMITS: LazyLock<Limits> = LazyLock::new(Limits::from_env);
static TABS: LazyLock<Mutex<Tabs>> = LazyLock::new(Mutex::default);

/// The deployment's rates, as the template sets them.
struct Limits {
    requests: Rate,
    token_requests: Rate,
    messages: Rate,
}

impl Limits {
    fn from_env() -> Self {
        let (minute, hour) = (SignedDuration::from_mins(1), SignedDuration::from_hours(1));
        let rate = |rate: fn(_, _, _) -> Rate, limit: Adjustable, per| rate(limit.name, config::limit(&limit), per);
        Self {
            requests: rate(Rate::in_blocks, limits::REQUESTS_PER_MINUTE, minute),
            token_requests: rate(Rate::in_blocks, limits::TOKEN_REQUESTS_PER_MINUTE, minute),
            messages: rate(Rate::exact, limits::MESSAGES_PER_HOUR, hour),
        }
    }
}

/// What a user may have at once in this deployment.
pub fn bounds() -> Bounds {
    Bounds {
        sandboxes: config::limit(&limits::SANDBOXES_AT_ONCE),
        storage_bytes: u64::from(config::limit(&limits::STORAGE_GIB)) << 30,
    }
}

/// Counts a request of the user's by this token or browser.
pub async fn request(store: &Store, user: UserId, by: &str) -> Result<(), ApiError> {
    let now = crate::now();
    count(store, user, Some(by), &LIMITS.token_requests, now).await?;
    count(store, user, None, &LIMITS.requests, now).await
}

/// Counts a message of the user's.
pub async fn message(store: &Store, user: UserId) -> Result<(), ApiError> {
    count(store, user, None, &LIMITS.messages, crate::now()).await
}

async fn count(store: &Store, user: UserId, by: Option<&str>, rate: &Rate, now: Timestamp) -> Result<(), ApiError> {
    let key = (user, by.map(str::to_owned), rate.name);
    let step = tabs().entry(key.clone()).or_default().count(rate, now);
    let owed = match step {
        Step::Pass => return Ok(()),
        Step::Refuse(until) => return Err(limited(rate, until, now)),
        Step::Settle(owed) => owed,
    };
    let taken = store.draw(user, rate, by, owed, now).await?;
    let mut tabs = tabs();
    let tab = tabs.entry(key).or_default();
    match taken {
        Taken::Yes => {
            tab.settled();
            Ok(())
        }
        Taken::No { from } => {
            tab.refused(from);
            Err(limited(rate, from, now))
        }
    }
}

/// The tabs; forgotten all at once when they have become too many, which costs
/// each of their callers' buckets a block at most.
fn tabs() -> MutexGuard<'static, Tabs> {
    let mut tabs = TABS.lock().unwrap_or_else(PoisonError::into_inner);
    if tabs.len() > limits::COUNTED_CALLERS_MAX {
        tabs.clear();
    }
    tabs
}

fn limited(rate: &Rate, until: Timestamp, now: Timestamp) -> ApiError {
    let seconds =
        u32::try_from(until.duration_since(now).as_millis().max(1).unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX);
    let message = format!("{} is {}; try again in {seconds} seconds", rate.name, rate.count);
    ApiError::rate_limited(rate.name, message, seconds)
}
