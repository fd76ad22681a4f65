//! The calendars that an account shows.

use serde::Deserialize;

use super::{Calendar, NAME};
use crate::providers::google::api;
use crate::providers::{Call, Failure};

const PAGE_SIZE: &str = "250";

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) primary: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default)]
    items: Vec<Entry>,
    next_page_token: Option<String>,
}

/// All of them. Read in full each time: a list of some dozen entries is one call, with a
/// token or without, and what is missing from it is how a lost calendar is found.
pub(super) async fn calendars(calendar: &Calendar, call: &Call<'_>) -> Result<Vec<Entry>, Failure> {
    let url = calendar.address(&["users", "me", "calendarList"])?;
    let mut entries = Vec::new();
    let mut page_token: Option<String> = None;
    loop {
        let mut parameters = vec![("maxResults", PAGE_SIZE)];
        parameters.extend(page_token.as_deref().map(|token| ("pageToken", token)));
        let request = calendar.google.http.get(url.clone()).query(&parameters);
        let list: List = api::json(call, request).await.map_err(|trouble| trouble.failure(NAME, call.now))?;
        entries.extend(list.items);
        page_token = list.next_page_token;
        if page_token.is_none() {
            return Ok(entries);
        }
    }
}
