//! The time of day, to the millisecond: what is stored reads back as it was sent.

use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
