//! What an error answer of Gmail or Calendar means for us.
//!
//! The status alone does not say: 403 is both "slow down" and "never". The reason in
//! `error.errors[]` does.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::providers::Failure;

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// `error.errors[].reason`; empty if there is none.
    pub(super) reason: String,
    /// Seconds.
    pub(super) retry_after: Option<i64>,
}

/// How long to wait when Google is asked too often and does not say how long.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    errors: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    reason: String,
}

impl Refusal {
    pub(super) fn new(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let details = serde_json::from_slice::<Body>(body).unwrap_or_default().error;
        let reason = details.errors.into_iter().map(|item| item.reason).next().unwrap_or_default();
        Self { status, reason, retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()) }
    }

    /// Whether the same call may succeed later.
    pub(super) fn passes(&self) -> bool {
        self.status == 429 || self.status >= 500 || (self.status == 403 && self.asks_to_slow_down())
    }

    fn asks_to_slow_down(&self) -> bool {
        let reasons = [
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "quotaExceeded",
            "calendarUsageLimits",
            "dailyLimitExceeded",
        ];
        reasons.contains(&self.reason.as_str())
    }

    /// `service`: as people call it.
    pub(super) fn failure(&self, service: &str, now: Timestamp) -> Failure {
        let Self { status, reason, retry_after } = self;
        match status {
            401 => Failure::unauthorized(format!("{service} no longer accepts our access")),
            _ if self.passes() => {
                let message = match *status >= 500 {
                    true => format!("{service} has trouble answering ({status})"),
                    false => format!("{service} asks us to slow down"),
                };
                match retry_after {
                    Some(seconds) => Failure::wait_until(now + SignedDuration::from_secs((*seconds).max(0)), message),
                    None => Failure::retry(message),
                }
            }
            403 if reason == "accessNotConfigured" => {
                Failure::bug(format!("{service} is not switched on for this deployment's Google project"))
            }
            403 if reason == "insufficientPermissions" => {
                Failure::permanent(format!("{service} was not opened to us when the account was connected"))
            }
            403 if reason == "domainPolicy" => {
                Failure::permanent(format!("The administrator of this account keeps {service} closed to us"))
            }
            403 => Failure::permanent(format!("{service} does not let us see this ({reason})")),
            400 if reason == "failedPrecondition" => {
                Failure::permanent(format!("{service} is not enabled for this account"))
            }
            404 => Failure::gone(format!("{service} no longer has this, or no longer shows it to us")),
            410 => Failure::resync(format!("{service} has forgotten where we were")),
            _ => Failure::bug(format!("{service} did not understand us ({status} {reason})")),
        }
    }

    /// What it means for someone who wanted something done.
    pub(super) fn undone(&self, service: &str, now: Timestamp) -> Failure {
        let Self { status, reason, retry_after } = self;
        match status {
            _ if self.passes() && *status < 500 => {
                let pause = retry_after.map_or(PAUSE, |seconds| SignedDuration::from_secs(seconds.max(0)));
                Failure::wait_until(now + pause, format!("{service} asks us to slow down"))
            }
            403 if reason == "insufficientPermissions" => {
                Failure::reauth(format!("{service} was opened to Agent Ops for reading alone"))
            }
            400 | 403 | 413 => Failure::permanent(format!("{service} refused it ({reason})")),
            404 | 410 => Failure::permanent(format!("{service} has no such thing, or the account may not change it")),
            _ => self.failure(service, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::integration::ErrorClass;
    use serde_json::json;

    use super::*;

    fn class(status: u16, reason: &str, retry_after: Option<&str>) -> ErrorClass {
        let body = json!({ "error": { "errors": [{ "reason": reason }] } }).to_string();
        let now = Timestamp::from_second(1_000).unwrap();
        Refusal::new(status, retry_after, body.as_bytes()).failure("Gmail", now).class
    }

    #[test]
    fn a_403_is_told_apart_by_its_reason() {
        let retried = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "calendarUsageLimits"];
        for reason in retried {
            assert_eq!(class(403, reason, None), ErrorClass::Retry, "{reason}");
        }
        for reason in ["insufficientPermissions", "domainPolicy", "forbiddenForNonOrganizer", ""] {
            assert_eq!(class(403, reason, None), ErrorClass::Permanent, "{reason}");
        }
        assert_eq!(class(403, "accessNotConfigured", None), ErrorClass::Bug);
    }

    #[test]
    fn each_status_has_its_consequence() {
        assert_eq!(class(401, "authError", None), ErrorClass::Unauthorized);
        assert_eq!(class(404, "notFound", None), ErrorClass::Gone);
        assert_eq!(class(410, "fullSyncRequired", None), ErrorClass::Resync);
        assert_eq!(class(400, "failedPrecondition", None), ErrorClass::Permanent);
        assert_eq!(class(400, "invalidArgument", None), ErrorClass::Bug);
        assert_eq!(class(503, "backendError", None), ErrorClass::Retry);
        let at = Timestamp::from_second(1_030).unwrap();
        assert_eq!(class(429, "rateLimitExceeded", Some("30")), ErrorClass::WaitUntil(at));
    }

    #[test]
    fn only_what_may_have_been_done_counts_as_that() {
        let class = |status: u16, reason: &str| {
            let body = json!({ "error": { "errors": [{ "reason": reason }] } }).to_string();
            let refusal = Refusal::new(status, None, body.as_bytes());
            refusal.undone("Gmail", Timestamp::UNIX_EPOCH).class
        };
        assert_eq!(class(400, "invalidArgument"), ErrorClass::Permanent);
        assert_eq!(class(403, "insufficientPermissions"), ErrorClass::Reauth);
        assert_eq!(class(404, "notFound"), ErrorClass::Permanent);
        assert_eq!(class(429, "rateLimitExceeded"), ErrorClass::WaitUntil(Timestamp::UNIX_EPOCH + PAUSE));
        assert_eq!(class(401, "authError"), ErrorClass::Unauthorized);
        assert_eq!(class(503, "backendError"), ErrorClass::Retry);
    }

    #[test]
    fn an_answer_that_is_not_googles_json_counts_by_its_status() {
        let refusal = Refusal::new(502, None, b"<html>bad gateway</html>");
        assert_eq!((refusal.passes(), refusal.reason.as_str()), (true, ""));
    }
}
