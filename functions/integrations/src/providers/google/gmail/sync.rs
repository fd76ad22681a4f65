//! A page of a mailbox: first all of it, then what its history tells.
//!
//! The place in the history is taken before the list begins, so that nothing falls
//! between the two. What is to be read waits in the state until it is read, so that a
//! place in the history may be stored before everything behind it was applied.

use domain::entity::Change;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::batch::{self, Outcome, Wanted};
use super::config::Chosen;
use super::fold::{History, fold};
use super::map::{self, Message};
use super::{Gmail, NAME};
use crate::providers::google::api::{self, Trouble};
use crate::providers::{Call, Failure, Page, Resource};

pub(super) const LIST_UNITS: u32 = 5;
pub(super) const HISTORY_UNITS: u32 = 2;
const PROFILE_UNITS: u32 = 1;
/// Entries of a list or of a page of the history.
const PAGE_SIZE: &str = "500";

const HISTORY_TYPES: [(&str, &str); 4] = [
    ("historyTypes", "messageAdded"),
    ("historyTypes", "messageDeleted"),
    ("historyTypes", "labelAdded"),
    ("historyTypes", "labelRemoved"),
];

/// Where the next page begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    stage: Stage,
    /// Told of, not read yet.
    pending: Vec<Wanted>,
    /// Reads that the next request holds.
    size: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum Stage {
    List {
        /// The place in the history when the list began.
        history_id: String,
        /// Which of the chosen labels is listed.
        label: usize,
        page_token: Option<String>,
    },
    History {
        since: String,
        page_token: Option<String>,
        /// Told to its end; only what is pending is left.
        told: bool,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    history_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default)]
    messages: Vec<Stub>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Stub {
    id: String,
}

#[derive(Deserialize)]
struct Thread {
    #[serde(default)]
    messages: Vec<Message>,
}

/// A page in the making.
struct Step<'a> {
    gmail: &'a Gmail,
    call: &'a Call<'a>,
    chosen: Chosen,
    changes: Vec<Change>,
    units: u32,
}

pub(super) async fn page(
    gmail: &Gmail,
    call: &Call<'_>,
    resource: &Resource,
    state: Option<&Value>,
) -> Result<Page, Failure> {
    let chosen = serde_json::from_value(resource.params.clone())
        .map_err(|error| Failure::bug("What to read of the mailbox is not understood").caused_by(error))?;
    let mut step = Step { gmail, call, chosen, changes: Vec::new(), units: 0 };
    let mut state = match state {
        // A state that an earlier version wrote is of no use.
        Some(state) => serde_json::from_value(state.clone())
            .map_err(|error| Failure::resync("The mailbox is read in another way now").caused_by(error))?,
        None => step.begin().await?,
    };
    if state.pending.is_empty() {
        state = match &state.stage {
            Stage::List { .. } => step.list(state).await?,
            Stage::History { .. } => step.history(state).await?,
        };
    }
    step.read(&mut state).await?;
    let done = matches!(state.stage, Stage::History { told: true, .. }) && state.pending.is_empty();
    if let (true, Stage::History { told, .. }) = (done, &mut state.stage) {
        *told = false;
    }
    Ok(Page { changes: step.changes, state: json!(state), done, units: step.units })
}

impl Step<'_> {
    fn failure(&self, trouble: Trouble) -> Failure {
        trouble.failure(NAME, self.call.now)
    }

    async fn begin(&mut self) -> Result<State, Failure> {
        self.units += PROFILE_UNITS;
        let profile: Profile =
            api::json(self.call, self.gmail.get("profile")).await.map_err(|trouble| self.failure(trouble))?;
        let stage = Stage::List { history_id: profile.history_id, label: 0, page_token: None };
        Ok(State { stage, pending: Vec::new(), size: batch::SIZE })
    }

    /// The next page of the list, of one label after the other.
    async fn list(&mut self, state: State) -> Result<State, Failure> {
        let Stage::List { history_id, label, page_token } = state.stage else { return Ok(state) };
        let query = format!("newer_than:{}d", self.chosen.days);
        let mut parameters = vec![("maxResults", PAGE_SIZE), ("includeSpamTrash", "false"), ("q", &query)];
        parameters.extend(self.chosen.labels.get(label).map(|label| ("labelIds", label.as_str())));
        parameters.extend(page_token.as_deref().map(|token| ("pageToken", token)));
        let request = self.gmail.get("messages").query(&parameters);
        self.units += LIST_UNITS;
        let list: List = api::json(self.call, request).await.map_err(|trouble| match trouble.status() {
            // Page tokens do not last.
            Some(400) if page_token.is_some() => Failure::resync("Gmail has forgotten where we were in the list"),
            _ => self.failure(trouble),
        })?;
        let pending = list.messages.into_iter().map(|message| Wanted::Message(message.id)).collect();
        let stage = match list.next_page_token {
            Some(token) => Stage::List { history_id, label, page_token: Some(token) },
            None if label + 1 < self.chosen.labels.len() => {
                Stage::List { history_id, label: label + 1, page_token: None }
            }
            None => Stage::History { since: history_id, page_token: None, told: false },
        };
        Ok(State { stage, pending, size: state.size })
    }

    async fn history(&mut self, state: State) -> Result<State, Failure> {
        let Stage::History { since, page_token, .. } = state.stage else { return Ok(state) };
        let mut parameters = vec![("startHistoryId", since.as_str()), ("maxResults", PAGE_SIZE)];
        parameters.extend(HISTORY_TYPES);
        parameters.extend(page_token.as_deref().map(|token| ("pageToken", token)));
        let request = self.gmail.get("history").query(&parameters);
        self.units += HISTORY_UNITS;
        let history: History = api::json(self.call, request).await.map_err(|trouble| match trouble.status() {
            Some(404) => Failure::resync("Gmail no longer knows what happened since the last time"),
            Some(400) => Failure::resync("Gmail does not accept our place in the mailbox's history"),
            _ => self.failure(trouble),
        })?;
        let folded = fold(&history.history, &self.chosen);
        self.changes.extend(folded.changes);
        let messages = folded.messages.into_iter().map(Wanted::Message);
        let pending = messages.chain(folded.threads.into_iter().map(Wanted::Thread)).collect();
        let stage = match history.next_page_token {
            Some(token) => Stage::History { since, page_token: Some(token), told: false },
            None => Stage::History { since: history.history_id, page_token: None, told: true },
        };
        Ok(State { stage, pending, size: state.size })
    }

    /// Reads some of what is pending; what Gmail refuses for now stays pending.
    async fn read(&mut self, state: &mut State) -> Result<(), Failure> {
        let count = state.size.clamp(batch::SIZE_MIN, batch::SIZE).min(state.pending.len());
        if count == 0 {
            return Ok(());
        }
        let wanted: Vec<Wanted> = state.pending.drain(..count).collect();
        let outcomes = batch::read(self.gmail, self.call, &wanted).await.map_err(|trouble| self.failure(trouble))?;
        self.units += wanted.iter().map(Wanted::units).sum::<u32>();
        let mut refused = None;
        let mut again = Vec::new();
        for (wanted, outcome) in wanted.into_iter().zip(outcomes) {
            match outcome {
                Some(Err(refusal)) if refusal.passes() => {
                    refused = Some(refusal);
                    again.push(wanted);
                }
                Some(outcome) => self.apply(wanted, outcome, &state.stage, &mut state.pending)?,
                None => again.push(wanted),
            }
        }
        if again.len() == count {
            let failure = refused.map(|refusal| refusal.failure(NAME, self.call.now));
            return Err(failure.unwrap_or_else(|| Failure::retry("Gmail's answer was not complete")));
        }
        state.size = if again.is_empty() { batch::SIZE } else { (count / 2).max(batch::SIZE_MIN) };
        state.pending.extend(again);
        Ok(())
    }

    fn apply(
        &mut self,
        wanted: Wanted,
        outcome: Outcome,
        stage: &Stage,
        pending: &mut Vec<Wanted>,
    ) -> Result<(), Failure> {
        match (wanted, outcome) {
            (Wanted::Message(_), Ok(body)) => self.message(&body, pending)?,
            (Wanted::Thread(id), Ok(body)) => self.thread(&id, &body)?,
            (Wanted::Message(id), Err(refusal)) if refusal.status == 404 => {
                self.changes.push(map::deleted_message(&id, stage.version()));
            }
            (Wanted::Thread(id), Err(refusal)) if refusal.status == 404 => {
                self.changes.push(map::deleted_thread(&id, self.now_ms()));
            }
            (_, Err(refusal)) => return Err(refusal.failure(NAME, self.call.now)),
        }
        Ok(())
    }

    fn message(&mut self, body: &str, pending: &mut Vec<Wanted>) -> Result<(), Failure> {
        let (message, raw): (Message, Value) = parse(body)?;
        if self.chosen.wants(&message.label_ids) {
            self.changes.push(message.upsert(raw, self.call.account));
            self.changes.push(message.thread(self.call.account));
        } else {
            self.changes.push(map::deleted_message(&message.id, message.history_id));
            let thread = Wanted::Thread(message.thread_id);
            if !pending.contains(&thread) {
                pending.push(thread);
            }
        }
        Ok(())
    }

    /// A thread that lost a message: its newest one that is left speaks for it from now on.
    fn thread(&mut self, id: &str, body: &str) -> Result<(), Failure> {
        let (thread, _): (Thread, Value) = parse(body)?;
        let left = thread.messages.into_iter().filter(|message| self.chosen.wants(&message.label_ids));
        self.changes.push(match left.max_by_key(Message::at) {
            Some(newest) => newest.thread_as_of(self.now_ms(), self.call.account),
            None => map::deleted_thread(id, self.now_ms()),
        });
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.call.now.as_millisecond()).unwrap_or_default()
    }
}

impl Stage {
    /// What is gone was there at this place in the history; if it went later, a later record tells.
    fn version(&self) -> u64 {
        let (Self::List { history_id: place, .. } | Self::History { since: place, .. }) = self;
        place.parse().unwrap_or_default()
    }
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<(T, Value), Failure> {
    let raw: Value = serde_json::from_str(body).map_err(unreadable)?;
    Ok((serde_json::from_value(raw.clone()).map_err(unreadable)?, raw))
}

fn unreadable(error: serde_json::Error) -> Failure {
    Failure::bug("Gmail's answer has a form that we do not know").caused_by(error)
}
