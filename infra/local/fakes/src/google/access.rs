//! What happens to every call of Gmail and Calendar before it is answered: the token,
//! its scopes, and the quota.

use std::collections::HashMap;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use super::refusal::Refusal;
use super::state::Google;

/// Google's window, seconds.
const QUOTA_WINDOW_S: i64 = 60;

/// One of the two APIs, with its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Api {
    Gmail,
    Calendar,
}

/// Whom a call is made for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) email: String,
    pub(crate) scopes: Vec<String>,
}

impl Caller {
    /// May see no more than headers and labels.
    pub(crate) fn metadata_only(&self) -> bool {
        let full = ["gmail.readonly", "gmail.modify"];
        !self.scopes.iter().any(|scope| full.iter().any(|name| scope.ends_with(name)))
    }
}

/// Units spent, per mailbox and API.
pub(crate) struct Quota {
    /// Units that one mailbox may cost a minute.
    pub(crate) gmail_per_minute: u32,
    /// Calls that one person's calendars may cost a minute.
    pub(crate) calendar_per_minute: u32,
    spent: HashMap<(String, Api), Spent>,
}

#[derive(Default)]
struct Spent {
    since_s: i64,
    in_minute: u32,
    ever: u64,
}

impl Default for Quota {
    /// As for projects made since May 2026.
    fn default() -> Self {
        Self { gmail_per_minute: 6_000, calendar_per_minute: 600, spent: HashMap::new() }
    }
}

impl Quota {
    /// Takes the units, or says that the minute's are used up.
    fn take(&mut self, email: &str, api: Api, units: u32, now_s: i64) -> Result<(), Refusal> {
        let (per_minute, status) = match api {
            Api::Gmail => (self.gmail_per_minute, 429),
            Api::Calendar => (self.calendar_per_minute, 403),
        };
        let spent = self.spent.entry((email.to_owned(), api)).or_default();
        if now_s - spent.since_s >= QUOTA_WINDOW_S {
            (spent.since_s, spent.in_minute) = (now_s, 0);
        }
        if spent.in_minute + units > per_minute {
            let message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'";
            return Err(Refusal::new(status, "rateLimitExceeded", message));
        }
        spent.in_minute += units;
        spent.ever += u64::from(units);
        Ok(())
    }

    /// Units that the person's calls cost since the start.
    pub(crate) fn ever(&self, email: &str, api: Api) -> u64 {
        self.spent.get(&(email.to_owned(), api)).map_or(0, |spent| spent.ever)
    }
}

/// The layer around an API's routes.
pub(crate) async fn admit(
    State((google, api)): State<(Google, Api)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (method, path) = (request.method(), request.uri().path());
    let caller = bearer(request.headers()).and_then(|token| google.read().grants.caller(token, google.now_s()));
    let caller = caller.ok_or_else(Refusal::unauthenticated)?;
    if !may(api, method, path, &caller) {
        let message = "Request had insufficient authentication scopes.";
        return Err(Refusal::new(403, "insufficientPermissions", message));
    }
    google.live().quota.take(&caller.email, api, units(api, method, path), google.now_s())?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The token of an `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn may(api: Api, method: &Method, path: &str, caller: &Caller) -> bool {
    let subscribes = path.ends_with("/watch") || path.ends_with("/stop");
    let reads = *method == Method::GET || subscribes;
    let enough: &[&str] = match (api, reads) {
        (Api::Gmail, true) => &["gmail.readonly", "gmail.metadata", "gmail.modify"],
        (Api::Gmail, false) if path.ends_with("/send") => &["gmail.send", "gmail.modify"],
        (Api::Gmail, false) => &["gmail.modify"],
        (Api::Calendar, true) => &["calendar.readonly", "calendar.events", "auth/calendar"],
        (Api::Calendar, false) => &["calendar.events", "auth/calendar"],
    };
    caller.scopes.iter().any(|scope| enough.iter().any(|name| scope.ends_with(name)))
}

/// What the call costs, as Google prices it for projects made since May 2026.
fn units(api: Api, method: &Method, path: &str) -> u32 {
    let reads = *method == Method::GET;
    let mut parts = path.rsplit('/');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (api, before, last) {
        (Api::Calendar, ..) => 1,
        (_, _, "messages") => 5,
        (_, _, "threads") => 10,
        (_, _, "history") => 2,
        (_, _, "send" | "watch") => 100,
        (_, _, "stop") => 50,
        (_, "messages", _) if reads => 20,
        (_, "threads", _) if reads => 40,
        (_, "messages", _) => 10,
        (_, _, "profile" | "labels") => 1,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_units_can_be_spent_once_a_minute() {
        let mut quota = Quota { gmail_per_minute: 50, ..Quota::default() };
        assert!(quota.take("a", Api::Gmail, 40, 1_000).is_ok());
        assert!(quota.take("a", Api::Gmail, 20, 1_059).is_err());
        assert!(quota.take("b", Api::Gmail, 20, 1_059).is_ok());
        assert!(quota.take("a", Api::Gmail, 20, 1_060).is_ok());
        assert_eq!(quota.ever("a", Api::Gmail), 60);
    }

    #[test]
    fn reading_a_message_costs_four_times_a_list() {
        let cost = |path| units(Api::Gmail, &Method::GET, path);
        assert_eq!((cost("/gmail/v1/users/me/messages/1"), cost("/gmail/v1/users/me/messages")), (20, 5));
    }
}
