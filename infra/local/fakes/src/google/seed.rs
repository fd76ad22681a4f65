//! A person with mail and appointments, so that there is something to sync at once.

use serde_json::{Value, json};

use super::gmail::mailbox::NewMessage;
use super::state::{Data, time_text};

/// The seeded person.
const EMAIL: &str = "ada@example.com";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Sender, subject, text, days ago, and the number of the mail that it answers.
const MAIL: [(&str, &str, &str, i64, Option<usize>); 6] = [
    ("Grace Hopper <grace@example.com>", "Release plan for May", "Can you look at the plan before Friday?", 6, None),
    ("Ada Lovelace <ada@example.com>", "Re: Release plan for May", "Looks good, two remarks inside.", 5, Some(0)),
    ("Grace Hopper <grace@example.com>", "Re: Release plan for May", "Thanks, merged both.", 4, Some(0)),
    ("Billing <billing@example.net>", "Your invoice 2026-041", "The invoice for April is attached.", 3, None),
    ("Alan Turing <alan@example.com>", "Incident on Tuesday", "Notes and a timeline of the incident.", 2, None),
    ("Build <ci@example.net>", "main is green again", "All checks have passed.", 0, None),
];

pub(crate) fn data(now_ms: i64) -> Data {
    let mut data = Data::default();
    let account = data.add_account(EMAIL, "Ada Lovelace");
    let mut threads = Vec::new();
    for (from, subject, body, days_ago, answers) in MAIL {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let own = from.contains(EMAIL);
        let id = account.mailbox.add(NewMessage {
            thread_id: answers.map(|number: usize| String::clone(&threads[number])),
            labels: vec![if own { "SENT" } else { "INBOX" }.to_owned()],
            at_ms: now_ms - days_ago * DAY_MS - HOUR_MS,
            headers: vec![header("From", from), header("To", EMAIL), header("Subject", subject)],
            body: body.to_owned(),
        });
        threads.push(id);
    }
    account.calendars.add("team@group.calendar.google.com", "Team");
    let tomorrow_ms = now_ms - now_ms.rem_euclid(DAY_MS) + DAY_MS;
    for (calendar, event) in events(tomorrow_ms) {
        if let Some((_, calendar)) = account.calendars.get_mut(calendar) {
            calendar.insert(event, now_ms);
        }
    }
    data.add_account("grace@example.com", "Grace Hopper");
    data
}

fn events(tomorrow_ms: i64) -> [(&'static str, Value); 3] {
    let at = |hours: i64| json!({ "dateTime": time_text(tomorrow_ms + hours * HOUR_MS), "timeZone": "UTC" });
    let date = |days: i64| json!({ "date": &time_text(tomorrow_ms + days * DAY_MS)[..10] });
    let guests =
        json!([{ "email": EMAIL, "self": true }, { "email": "grace@example.com", "displayName": "Grace Hopper" }]);
    [
        ("primary", json!({ "summary": "Dentist", "location": "Main Street 1", "start": at(9), "end": at(10) })),
        ("primary", json!({ "summary": "Holiday", "start": date(10), "end": date(15) })),
        (
            "team@group.calendar.google.com",
            json!({
                "summary": "Planning", "description": "What comes next.", "attendees": guests,
                "organizer": { "email": "grace@example.com" }, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=8"],
                "start": at(13), "end": at(14),
            }),
        ),
    ]
}
