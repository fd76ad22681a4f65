//! The orders, each obeyed as if Google or the person had done it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::google::account::Account;
use crate::google::calendar::channels;
use crate::google::calendar::store::Calendar;
use crate::google::delivery::Mode;
use crate::google::gmail::mailbox::{Mailbox, NewMessage};
use crate::google::gmail::watch;
use crate::google::refusal::Refusal;
use crate::google::state::{Data, Google};

const DAY_MS: i64 = 86_400_000;

/// What is to happen. `account` is the person's address.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    AddAccount {
        email: String,
        name: String,
    },
    /// Whether Google vouches for the address in ID tokens.
    VerifyAddress {
        account: String,
        verified: bool,
    },
    AddMessage {
        account: String,
        message: Incoming,
    },
    Relabel {
        account: String,
        id: String,
        #[serde(default)]
        add: Vec<String>,
        #[serde(default)]
        remove: Vec<String>,
    },
    DeleteMessage {
        account: String,
        id: String,
    },
    /// History ids from before now are answered with 404.
    ExpireHistory {
        account: String,
    },
    AddCalendar {
        account: String,
        id: String,
        summary: String,
    },
    /// The person loses access to it.
    RemoveCalendar {
        account: String,
        id: String,
    },
    AddEvent {
        account: String,
        calendar: String,
        event: Value,
    },
    ChangeEvent {
        account: String,
        calendar: String,
        id: String,
        fields: Value,
    },
    /// To another calendar, where it has the same id.
    MoveEvent {
        account: String,
        from: String,
        to: String,
        id: String,
    },
    DeleteEvent {
        account: String,
        calendar: String,
        id: String,
    },
    /// Of one calendar, or of the list of calendars: 410 from now on.
    ExpireSyncTokens {
        account: String,
        calendar: Option<String>,
    },
    /// Access tokens end before their time.
    ExpireAccess {
        account: String,
    },
    /// Refresh tokens end, too, as after a new password.
    ExpireRefresh {
        account: String,
    },
    /// The person takes the grant back.
    EndGrant {
        account: String,
    },
    /// Seconds that new refresh tokens live: the project counts as "Testing".
    RefreshSeconds {
        seconds: Option<i64>,
    },
    /// New tokens are signed with a new key.
    RotateKeys {
        #[serde(default)]
        keep_old: bool,
    },
    /// Units a minute and person.
    Quota {
        gmail_per_minute: u32,
        calendar_per_minute: u32,
    },
    /// What becomes of notifications.
    Notifications {
        mode: Mode,
    },
    /// Sends what was held back, the last first.
    Release,
    /// A JWT of these claims by Google's key.
    Sign {
        claims: Value,
    },
}

/// A message that arrives, or several of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Incoming {
    from: String,
    subject: String,
    #[serde(default)]
    body: String,
    #[serde(default = "inbox")]
    labels: Vec<String>,
    thread_id: Option<String>,
    #[serde(default)]
    days_ago: i64,
    #[serde(default = "one")]
    count: u32,
}

fn inbox() -> Vec<String> {
    vec!["INBOX".to_owned(), "UNREAD".to_owned()]
}

fn one() -> u32 {
    1
}

impl Incoming {
    fn message(&self, to: &str, number: u32, now_ms: i64) -> NewMessage {
        let subject = if self.count > 1 { format!("{} {number}", self.subject) } else { self.subject.clone() };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        NewMessage {
            thread_id: self.thread_id.clone(),
            labels: self.labels.clone(),
            at_ms: now_ms - self.days_ago * DAY_MS,
            headers: vec![header("From", &self.from), header("To", to), header("Subject", &subject)],
            body: self.body.clone(),
        }
    }
}

type Done = Result<Value, Refusal>;

pub(crate) async fn obey(State(google): State<Google>, Json(order): Json<Order>) -> Result<Json<Value>, Refusal> {
    carry_out(&google, order).map(Json)
}

fn carry_out(google: &Google, order: Order) -> Done {
    let done = Ok(Value::Null);
    match order {
        Order::AddAccount { email, name } => {
            google.write().add_account(&email, &name);
            done
        }
        Order::VerifyAddress { account, verified } => {
            with(google, &account, |account| account.email_verified = verified)
        }
        Order::AddMessage { account, message } => mailbox(google, &account, |mailbox| {
            let numbers = 1..=message.count;
            let ids = numbers.map(|number| mailbox.add(message.message(&account, number, google.now_ms())));
            Some(json!({ "ids": ids.collect::<Vec<_>>() }))
        }),
        Order::Relabel { account, id, add, remove } => {
            mailbox(google, &account, |mailbox| mailbox.relabel(&id, &add, &remove).then_some(Value::Null))
        }
        Order::DeleteMessage { account, id } => {
            mailbox(google, &account, |mailbox| mailbox.delete(&id).then_some(Value::Null))
        }
        Order::ExpireHistory { account } => with(google, &account, |account| account.mailbox.expire_history()),
        Order::AddCalendar { account, id, summary } => {
            with(google, &account, |account| account.calendars.add(&id, &summary))
        }
        Order::RemoveCalendar { account, id } => with(google, &account, |account| {
            account.calendars.remove(&id);
        }),
        Order::AddEvent { account, calendar, event } => {
            events(google, &account, &calendar, |calendar, now_ms| Some(calendar.insert(event, now_ms)))
        }
        Order::ChangeEvent { account, calendar, id, fields } => {
            events(google, &account, &calendar, |calendar, now_ms| calendar.patch(&id, fields, now_ms))
        }
        Order::MoveEvent { account, from, to, id } => {
            let moved = events(google, &account, &from, |calendar, now_ms| {
                let event = calendar.resource(&id)?;
                calendar.cancel(&id, now_ms).then_some(event)
            })?;
            events(google, &account, &to, |calendar, now_ms| Some(calendar.insert(moved, now_ms)))
        }
        Order::DeleteEvent { account, calendar, id } => {
            events(google, &account, &calendar, |calendar, now_ms| calendar.cancel(&id, now_ms).then_some(Value::Null))
        }
        Order::ExpireSyncTokens { account, calendar } => with(google, &account, |account| {
            let calendars = &mut account.calendars;
            match calendar {
                None => calendars.era += 1,
                Some(id) => calendars.get_mut(&id).into_iter().for_each(|(_, calendar)| calendar.era += 1),
            }
        }),
        Order::ExpireAccess { account } => grants(google, |data| data.grants.expire_access(&account)),
        Order::ExpireRefresh { account } => grants(google, |data| data.grants.expire_refresh(&account)),
        Order::EndGrant { account } => grants(google, |data| data.grants.end(&account)),
        Order::RefreshSeconds { seconds } => grants(google, |data| data.grants.refresh_seconds = seconds),
        Order::RotateKeys { keep_old } => grants(google, |data| data.keys.rotate(keep_old)),
        Order::Quota { gmail_per_minute, calendar_per_minute } => {
            let quota = &mut google.live().quota;
            (quota.gmail_per_minute, quota.calendar_per_minute) = (gmail_per_minute, calendar_per_minute);
            done
        }
        Order::Notifications { mode } => {
            google.live().delivery.mode = mode;
            done
        }
        Order::Release => {
            google.live().delivery.release(&google.world().http);
            done
        }
        Order::Sign { claims } => Ok(json!({ "token": google.read().keys.sign(&claims) })),
    }
}

fn grants(google: &Google, change: impl FnOnce(&mut Data)) -> Done {
    change(&mut google.write());
    Ok(Value::Null)
}

fn with(google: &Google, account: &str, change: impl FnOnce(&mut Account)) -> Done {
    change(google.write().account_mut(account).ok_or_else(Refusal::not_found)?);
    Ok(Value::Null)
}

/// Changes a mailbox and tells whoever watches it.
fn mailbox(google: &Google, account: &str, change: impl FnOnce(&mut Mailbox) -> Option<Value>) -> Done {
    let mut data = google.write();
    let mailbox = &mut data.account_mut(account).ok_or_else(Refusal::not_found)?.mailbox;
    let changed = change(mailbox).ok_or_else(Refusal::not_found)?;
    watch::push(google, &mut data, account);
    Ok(changed)
}

/// Changes a calendar and tells its channels.
fn events(
    google: &Google,
    account: &str,
    calendar: &str,
    change: impl FnOnce(&mut Calendar, i64) -> Option<Value>,
) -> Done {
    let mut data = google.write();
    let calendars = &mut data.account_mut(account).ok_or_else(Refusal::not_found)?.calendars;
    let (id, calendar) = calendars.get_mut(calendar).ok_or_else(Refusal::not_found)?;
    let id = id.clone();
    let changed = change(calendar, google.now_ms()).ok_or_else(Refusal::not_found)?;
    channels::notify(google, &mut data, account, &id);
    Ok(changed)
}
