//! Sync and page tokens: opaque to callers, a place in the order of changes to us.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::expand::Window;
use crate::google::query::Parameters;
use crate::google::refusal::Refusal;

/// Parameters that may differ between calls with the same token.
const FREE: [&str; 6] = ["maxResults", "pageToken", "syncToken", "timeMin", "timeMax", "alt"];
/// Parameters that a sync token excludes.
const EXCLUDED: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];

/// A listing in progress, or where the next one begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    /// Which list: a calendar's id, or empty for the list of calendars.
    of: String,
    era: u32,
    frozen: String,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    /// Changes up to this one are known to the caller; none in a full listing.
    pub(crate) since: Option<u64>,
    /// Changes up to this one are listed.
    pub(crate) until: u64,
    /// Entries of the listing that were given.
    pub(crate) offset: usize,
}

impl Token {
    /// What this call lists: a page further on, the changes since a sync token, or everything.
    pub(crate) fn of_call(query: &Parameters, of: &str, era: u32, changed: u64) -> Result<Self, Refusal> {
        let frozen = query.without(&FREE);
        let sync = query.one("syncToken").map(|text| Self::read(text, of)).transpose()?;
        if sync.is_some() {
            if let Some(name) = EXCLUDED.iter().find(|name| query.one(name).is_some()) {
                return Err(Refusal::new(400, "badRequest", &format!("Sync token cannot be used with {name}.")));
            }
            if query.one("showDeleted") == Some("false") {
                return Err(Refusal::new(400, "badRequest", "Sync token cannot be used with showDeleted=false."));
            }
        }
        let page = query.one("pageToken").map(|text| Self::read(text, of)).transpose()?;
        for token in sync.iter().chain(&page) {
            if token.era != era {
                let message = "Sync token is no longer valid, a full sync is required.";
                return Err(Refusal::new(410, "fullSyncRequired", message));
            }
            if token.frozen != frozen {
                return Err(Refusal::new(400, "invalid", "The parameters do not match those of the token's request."));
            }
        }
        if let Some(page) = page {
            if page.since != sync.map(|sync| sync.until) {
                return Err(Refusal::new(400, "invalid", "The page token belongs to another request."));
            }
            return Ok(page);
        }
        let window = match &sync {
            Some(sync) => (sync.from_ms, sync.to_ms),
            None => (query.time_ms("timeMin")?, query.time_ms("timeMax")?),
        };
        Ok(Self {
            of: of.to_owned(),
            era,
            frozen,
            from_ms: window.0,
            to_ms: window.1,
            since: sync.map(|sync| sync.until),
            until: changed,
            offset: 0,
        })
    }

    /// The window of the first listing, which the token keeps.
    pub(crate) fn window(&self) -> Window {
        Window { from_ms: self.from_ms, to_ms: self.to_ms }
    }

    /// Whether a change of this number belongs to the listing.
    pub(crate) fn covers(&self, changed: u64) -> bool {
        self.since.is_none_or(|since| changed > since)
    }

    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_string(self).expect("a token is plain data"))
    }

    fn read(text: &str, of: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let token: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        token.filter(|token| token.of == of).ok_or_else(|| Refusal::new(400, "invalid", "Invalid sync token value."))
    }
}
