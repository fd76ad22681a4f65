//! What a refusal of the API means for us.

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;

use crate::providers::Failure;

/// In the order that GitHub asks for: `retry-after`, else the end of an empty hour, else
/// at least a minute and longer each time, which is what `retry` comes to.
pub(super) fn classify(status: StatusCode, headers: &HeaderMap, message: &str, now: Timestamp) -> Failure {
    let failure = match status.as_u16() {
        401 => Failure::unauthorized("GitHub no longer accepts our access."),
        403 | 429 => slow_down(status, headers, message, now)
            .unwrap_or_else(|| Failure::permanent(format!("GitHub does not allow this: {message}"))),
        404 => Failure::gone("The repository is gone, or no longer open to the account."),
        410 => Failure::gone("GitHub no longer has this."),
        451 => Failure::gone("GitHub blocked the repository for legal reasons."),
        500..=599 | 408 => Failure::retry("GitHub has trouble of its own."),
        _ => Failure::bug(format!("GitHub did not understand us ({status}).")),
    };
    failure.caused_by(format!("GitHub answered {status}: {message}"))
}

fn slow_down(status: StatusCode, headers: &HeaderMap, message: &str, now: Timestamp) -> Option<Failure> {
    const TOLD: &str = "GitHub asks us to slow down.";
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Failure::wait_until(now + SignedDuration::from_secs(seconds.clamp(1, 86_400)), TOLD));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = number("x-ratelimit-reset").and_then(|at| Timestamp::from_second(at + 1).ok());
        return Some(match reset {
            Some(reset) => Failure::wait_until(reset.max(now), "GitHub's hourly limit is used up."),
            None => Failure::retry(TOLD),
        });
    }
    let limited = status == StatusCode::TOO_MANY_REQUESTS || message.to_ascii_lowercase().contains("rate limit");
    limited.then(|| Failure::retry(TOLD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::integration::ErrorClass;

    #[test]
    fn waits_are_obeyed_in_githubs_order() {
        let now = Timestamp::from_second(1_000).unwrap();
        let at = |second: i64| ErrorClass::WaitUntil(Timestamp::from_second(second).unwrap());
        let secondary = "You have exceeded a secondary rate limit.";
        for (status, headers, message, class) in [
            (
                403,
                &[("retry-after", "7"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9000")][..],
                "",
                at(1_007),
            ),
            (429, &[("retry-after", "7")], "", at(1_007)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9000")], "", at(9_001)),
            (403, &[("x-ratelimit-remaining", "12")], secondary, ErrorClass::Retry),
            (429, &[], "", ErrorClass::Retry),
            (403, &[("x-ratelimit-remaining", "12")], "Resource not accessible by integration", ErrorClass::Permanent),
            (401, &[], "", ErrorClass::Unauthorized),
            (404, &[], "", ErrorClass::Gone),
            (410, &[], "", ErrorClass::Gone),
            (451, &[], "", ErrorClass::Gone),
            (422, &[], "", ErrorClass::Bug),
            (502, &[], "", ErrorClass::Retry),
        ] {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            let failure = classify(StatusCode::from_u16(status).unwrap(), &headers, message, now);
            assert_eq!(failure.class, class, "{status} {headers:?}");
        }
    }
}
