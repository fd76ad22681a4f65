use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use super::{ADA, Fake, READ_CALENDAR, account, reason, text};

const TEAM: &str = "team%40group.calendar.google.com";
const WRITE: &str = "https://www.googleapis.com/auth/calendar.events";

async fn add(fake: &Fake, summary: &str) -> String {
    let moment = |hour: u32| json!({ "dateTime": format!("2030-01-01T{hour:02}:00:00Z") });
    let event = json!({ "summary": summary, "start": moment(9), "end": moment(10) });
    text(&fake.order(account(json!({ "do": "add_event", "calendar": "primary", "event": event }))).await["id"])
}

/// All pages from here: the events and the sync token of the last page.
async fn list(fake: &Fake, token: &str, calendar: &str, query: &str) -> (Vec<Value>, String) {
    let mut events = Vec::new();
    let mut page = String::new();
    loop {
        let path = format!("/calendar/v3/calendars/{calendar}/events?maxResults=2&{query}&pageToken={page}");
        let got = fake.get(&path, token).await;
        assert_eq!(got.status, 200, "{}", got.text);
        events.extend(got.body["items"].as_array().unwrap().clone());
        page = text(&got.body["nextPageToken"]);
        assert_eq!(page.is_empty(), got.body["nextSyncToken"].is_string(), "the last page alone has a sync token");
        if page.is_empty() {
            return (events, text(&got.body["nextSyncToken"]));
        }
    }
}

#[tokio::test]
async fn a_sync_token_tells_only_what_changed_and_deletions_by_id_alone() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let (gone, kept) = (add(&fake, "gone").await, add(&fake, "kept").await);
    add(&fake, "untouched").await;
    let (_, sync) = list(&fake, &token, "primary", "").await;
    let (nothing, _) = list(&fake, &token, "primary", &format!("syncToken={sync}")).await;
    assert!(nothing.is_empty());

    fake.order(account(json!({ "do": "delete_event", "calendar": "primary", "id": gone }))).await;
    let fields = json!({ "summary": "renamed" });
    fake.order(account(json!({ "do": "change_event", "calendar": "primary", "id": kept, "fields": fields }))).await;
    let (changed, next) = list(&fake, &token, "primary", &format!("syncToken={sync}")).await;
    let of = |id: &str| changed.iter().find(|event| event["id"] == id).unwrap();
    assert_eq!(changed.len(), 2);
    assert_eq!(*of(&gone), json!({ "kind": "calendar#event", "id": gone, "status": "cancelled" }));
    assert_eq!(of(&kept)["summary"], "renamed");
    assert!(list(&fake, &token, "primary", &format!("syncToken={next}")).await.0.is_empty());
    // A full list has no tombstones.
    assert!(list(&fake, &token, "primary", "").await.0.iter().all(|event| event["id"] != gone.as_str()));
}

#[tokio::test]
async fn a_token_holds_for_its_parameters_and_its_calendar_until_it_expires() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let (_, sync) = list(&fake, &token, "primary", "singleEvents=true&timeMin=2026-01-01T00:00:00Z").await;
    let get = async |calendar: &str, query: &str| {
        let path = format!("/calendar/v3/calendars/{calendar}/events?syncToken={sync}{query}");
        fake.get(&path, &token).await
    };
    assert_eq!(get("primary", "&singleEvents=true").await.status, 200);
    assert_eq!(get("primary", "&singleEvents=true&timeMin=2026-01-01T00:00:00Z").await.status, 400);
    assert_eq!(get("primary", "&singleEvents=true&q=x").await.status, 400);
    assert_eq!(get("primary", "&singleEvents=false").await.status, 400);
    assert_eq!(get(TEAM, "&singleEvents=true").await.status, 400);
    fake.order(account(json!({ "do": "expire_sync_tokens", "calendar": ADA }))).await;
    let gone = get("primary", "&singleEvents=true").await;
    assert_eq!((gone.status.as_u16(), reason(&gone)), (410, "fullSyncRequired"));
}

#[tokio::test]
async fn a_recurring_event_is_one_master_or_an_event_a_week() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let (masters, _) = list(&fake, &token, TEAM, "singleEvents=false").await;
    let (single, sync) = list(&fake, &token, TEAM, "singleEvents=true").await;
    assert_eq!((masters.len(), single.len()), (1, 8));

    let instance = text(&single[2]["id"]);
    let calendar = "team@group.calendar.google.com";
    fake.order(account(json!({ "do": "delete_event", "calendar": calendar, "id": instance }))).await;
    let (changed, _) = list(&fake, &token, TEAM, &format!("singleEvents=true&syncToken={sync}")).await;
    assert_eq!(changed.len(), 1);
    assert_eq!((&changed[0]["status"], &changed[0]["recurringEventId"]), (&json!("cancelled"), &masters[0]["id"]));
    assert_eq!(list(&fake, &token, TEAM, "singleEvents=true").await.0.len(), 7);

    fake.order(account(json!({ "do": "delete_event", "calendar": calendar, "id": masters[0]["id"] }))).await;
    let (changed, _) = list(&fake, &token, TEAM, &format!("singleEvents=true&syncToken={sync}")).await;
    assert_eq!(changed.iter().filter(|event| event["status"] == "cancelled").count(), 8);
}

#[tokio::test]
async fn the_list_of_calendars_has_a_token_of_its_own_and_tells_of_lost_ones() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let all = fake.get("/calendar/v3/users/me/calendarList", &token).await.body;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    fake.order(account(json!({ "do": "remove_calendar", "id": "team@group.calendar.google.com" }))).await;
    let sync = text(&all["nextSyncToken"]);
    let changed = fake.get(&format!("/calendar/v3/users/me/calendarList?syncToken={sync}"), &token).await.body;
    assert_eq!(changed["items"][0]["deleted"], true);
    assert_eq!(fake.get(&format!("/calendar/v3/calendars/{TEAM}/events"), &token).await.status, 404);
}

#[tokio::test]
async fn a_channels_id_is_used_once_and_stopping_it_twice_is_not_found() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let watch = json!({ "id": "c-1", "type": "web_hook", "address": "http://127.0.0.1:9/x", "token": "t" });
    let path = "/calendar/v3/calendars/primary/events/watch";
    let channel = fake.post(path, &token, watch.clone()).await.body;
    let again = fake.post(path, &token, watch).await;
    assert_eq!((again.status.as_u16(), reason(&again)), (400, "channelIdNotUnique"));
    let plain = json!({ "id": "c-2", "type": "web_hook", "address": "http://example.com/x" });
    assert_eq!(fake.post(path, &token, plain).await.status, 400);

    let state = fake.order(json!({ "do": "notifications", "mode": "hold" })).await;
    assert!(state.is_null());
    let stop = json!({ "id": "c-1", "resourceId": channel["resourceId"] });
    assert_eq!(fake.post("/calendar/v3/channels/stop", &token, stop.clone()).await.status, 204);
    assert_eq!(fake.post("/calendar/v3/channels/stop", &token, stop).await.status, 404);
}

#[tokio::test]
async fn notifications_begin_with_sync_are_numbered_and_end_with_the_channel() {
    let fake = Fake::start();
    let token = fake.token(READ_CALENDAR).await;
    let params = json!({ "ttl": "3600" });
    let address = "http://127.0.0.1:9/x";
    let watch = json!({ "id": "c-1", "type": "web_hook", "address": address, "token": "t", "params": params });
    fake.post("/calendar/v3/calendars/primary/events/watch", &token, watch).await;
    add(&fake, "a").await;
    add(&fake, "b").await;
    fake.google.world().clock.advance(3_600);
    add(&fake, "c").await;
    let live = fake.google.live();
    let header = |at: usize, name: &str| {
        let found = live.delivery.sent[at].headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    let states: Vec<_> = (0..live.delivery.sent.len()).map(|at| header(at, "x-goog-resource-state")).collect();
    assert_eq!(states, ["sync", "exists", "exists"]);
    let numbers: Vec<u64> = (0..3).map(|at| header(at, "x-goog-message-number").parse().unwrap()).collect();
    assert!(numbers[0] == 1 && numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    assert_eq!(header(1, "x-goog-channel-token"), "t");
}

#[tokio::test]
async fn a_write_on_an_old_version_fails_and_so_does_deleting_twice() {
    let fake = Fake::start();
    let token = fake.token(WRITE).await;
    let id = add(&fake, "a").await;
    let path = format!("/google/calendar/v3/calendars/primary/events/{id}");
    let seen = text(&fake.get(path.strip_prefix("/google").unwrap(), &token).await.body["etag"]);
    let patch = async |etag: String| {
        let request = Request::patch(&path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, etag);
        fake.send(request.body(Body::from(r#"{"summary": "b"}"#)).unwrap()).await.status
    };
    assert_eq!(patch(seen.clone()).await, 200);
    assert_eq!(patch(seen).await, 412);
    let delete = async || {
        let request = Request::delete(&path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        fake.send(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!((delete().await.as_u16(), delete().await.as_u16()), (204, 410));
}

#[tokio::test]
async fn an_id_of_the_callers_own_is_good_once() {
    let fake = Fake::start();
    let token = fake.token("https://www.googleapis.com/auth/calendar.events").await;
    let event = |id: &str| {
        let time = json!({ "dateTime": "2026-12-01T10:00:00Z" });
        json!({ "id": id, "summary": "s", "start": time, "end": time })
    };
    let url = "/calendar/v3/calendars/primary/events";
    assert_eq!(fake.post(url, &token, event("00aaff")).await.status, 200);
    let again = fake.post(url, &token, event("00aaff")).await;
    assert_eq!((again.status.as_u16(), &again.body["error"]["errors"][0]["reason"]), (409, &json!("duplicate")));
    assert_eq!(fake.post(url, &token, event("with-z")).await.status, 400);
}
