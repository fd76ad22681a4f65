//! Rate limits: the primary one by the hour, the secondary one by the minute.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::data::Data;

/// Seconds that the primary limit counts over.
const HOUR_SECONDS: i64 = 3_600;
/// Seconds that the secondary limit counts over.
const MINUTE_SECONDS: i64 = 60;

/// What one user or installation has spent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Rate {
    pub(super) used: u64,
    /// When the hour is over.
    pub(super) reset_s: i64,
    points: u64,
    minute_s: i64,
}

impl Rate {
    fn at(mut self, now_s: i64) -> Self {
        if now_s >= self.reset_s {
            (self.used, self.reset_s) = (0, now_s + HOUR_SECONDS);
        }
        if now_s >= self.minute_s + MINUTE_SECONDS {
            (self.points, self.minute_s) = (0, now_s);
        }
        self
    }

    /// Adds the headers that every answer has.
    pub(super) fn tell(&self, limit: u64, headers: &mut HeaderMap) {
        let remaining = limit.saturating_sub(self.used);
        let told = [
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", remaining.to_string()),
            ("x-ratelimit-used", self.used.to_string()),
            ("x-ratelimit-reset", self.reset_s.to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ];
        for (name, value) in told {
            headers.insert(name, HeaderValue::from_str(&value).expect("digits are a header's value"));
        }
    }
}

impl Data {
    /// Counts a call; one too many is refused.
    pub(super) fn spend(&mut self, who: &str, is_write: bool, now_s: i64) -> Option<Response> {
        let (limit, points_max) = (self.settings.calls_per_hour, self.settings.points_per_minute);
        let mut rate = self.rates.remove(who).unwrap_or_default().at(now_s);
        let refusal = if rate.used >= limit {
            Some(primary(&rate, limit))
        } else if rate.points >= points_max {
            let wait_s = self.settings.says_retry_after.then_some(rate.minute_s + MINUTE_SECONDS - now_s);
            Some(secondary(wait_s))
        } else {
            rate.used += 1;
            rate.points += if is_write { 5 } else { 1 };
            None
        };
        self.rates.insert(who.to_owned(), rate);
        refusal
    }

    /// A 304 costs nothing.
    pub(super) fn give_back(&mut self, who: &str) {
        if let Some(rate) = self.rates.get_mut(who) {
            rate.used = rate.used.saturating_sub(1);
        }
    }

    /// What was spent by now.
    pub(super) fn rate(&self, who: &str, now_s: i64) -> Rate {
        self.rates.get(who).cloned().unwrap_or_default().at(now_s)
    }
}

fn primary(rate: &Rate, limit: u64) -> Response {
    let body = json!({
        "message": "API rate limit exceeded. If you reach out to GitHub Support for help, please include the request ID.",
        "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    });
    let mut response = (StatusCode::FORBIDDEN, axum::Json(body)).into_response();
    rate.tell(limit, response.headers_mut());
    response
}

fn secondary(wait_s: Option<i64>) -> Response {
    let body = json!({
        "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
    });
    let mut response = (StatusCode::FORBIDDEN, axum::Json(body)).into_response();
    if let Some(seconds) = wait_s {
        response.headers_mut().insert("retry-after", seconds.max(1).into());
    }
    response
}
