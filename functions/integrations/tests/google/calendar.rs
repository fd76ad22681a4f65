use std::collections::BTreeMap;

use domain::integration::ErrorClass;
use integrations::providers::{Call, Provider as _, WebhookRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::fake::{ADA, Fake};
use crate::mirror::Mirror;

const TEAM: &str = "team@group.calendar.google.com";
const EVENTS: &str = "/calendar/v3/calendars/*/events?*";

async fn connected(fake: &Fake) -> Mirror<'_> {
    Mirror::new(&fake.calendar, fake.connect(&fake.calendar, "").await.unwrap())
}

fn event(summary: &str, days_ahead: i64) -> Value {
    let moment = |hours: i64| {
        let at = Timestamp::now() + SignedDuration::from_hours(24 * days_ahead + hours);
        json!({ "dateTime": at.to_string() })
    };
    json!({ "summary": summary, "start": moment(0), "end": moment(1) })
}

async fn add(fake: &Fake, calendar: &str, event: Value) -> String {
    let added = fake.order(json!({ "do": "add_event", "calendar": calendar, "event": event })).await;
    added["id"].as_str().unwrap().to_owned()
}

/// Titles by calendar and id; a recurring event stands for its eight instances.
async fn assert_equal(fake: &Fake, mirror: &Mirror<'_>) {
    let mut there = BTreeMap::new();
    let mut recurring = 0;
    for calendar in fake.state().await["calendars"].as_array().unwrap() {
        for event in calendar["events"].as_array().unwrap() {
            if event["recurrence"].is_array() {
                recurring += 1;
                continue;
            }
            let place = (format!("calendar:{}", calendar["id"].as_str().unwrap()), event["id"].to_string());
            there.insert(place, event["summary"].as_str().unwrap().to_owned());
        }
    }
    let all = mirror.all("event");
    let instances = all.iter().filter(|entity| entity.external_id.contains('_')).count();
    let single = all.iter().filter(|entity| !entity.external_id.contains('_'));
    let here: BTreeMap<_, _> = single
        .map(|entity| ((entity.resource.clone(), json!(entity.external_id).to_string()), entity.title.clone()))
        .collect();
    assert_eq!((here, instances), (there, recurring * 8));
}

#[tokio::test]
async fn every_calendar_is_read_with_a_token_of_its_own() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    let planning = mirror.all("event").into_iter().find(|event| event.title == "Planning").unwrap();
    assert_eq!(planning.resource, format!("calendar:{TEAM}"));
    assert!(planning.starts_at.is_some() && planning.people.len() == 2);

    add(&fake, TEAM, event("more", 3)).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    mirror.configure(json!({ "calendars": ["primary"] }));
    mirror.sync().await.unwrap();
    assert!(mirror.all("event").iter().all(|event| event.resource == format!("calendar:{ADA}")));
}

#[tokio::test]
async fn changes_moves_and_deletions_are_followed() {
    let fake = Fake::start();
    let ids = [
        add(&fake, ADA, event("a", 1)).await,
        add(&fake, ADA, event("b", 2)).await,
        add(&fake, ADA, event("c", 3)).await,
    ];
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    let fields = json!({ "summary": "renamed" });
    fake.order(json!({ "do": "change_event", "calendar": ADA, "id": ids[0], "fields": fields })).await;
    fake.order(json!({ "do": "move_event", "from": ADA, "to": TEAM, "id": ids[1] })).await;
    fake.order(json!({ "do": "delete_event", "calendar": ADA, "id": ids[2] })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    assert_eq!(mirror.find("event", &ids[0]).unwrap().title, "renamed");
    assert!(mirror.find("event", &ids[2]).is_none());
}

#[tokio::test]
async fn one_instance_of_a_recurring_event_and_all_of_it_can_be_cancelled() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    let planning = |mirror: &Mirror<'_>| -> Vec<String> {
        let all = mirror.all("event").into_iter().filter(|event| event.title == "Planning");
        all.map(|event| event.external_id.clone()).collect()
    };
    let first = planning(&mirror).remove(0);
    fake.order(json!({ "do": "delete_event", "calendar": TEAM, "id": first })).await;
    mirror.sync().await.unwrap();
    assert_eq!(planning(&mirror).len(), 7);
    let master = first.split_once('_').unwrap().0;
    fake.order(json!({ "do": "delete_event", "calendar": TEAM, "id": master })).await;
    mirror.sync().await.unwrap();
    assert!(planning(&mirror).is_empty());
}

#[tokio::test]
async fn a_calendar_larger_than_a_page_is_read_whole() {
    let fake = Fake::start();
    for number in 0..300 {
        add(&fake, ADA, event(&format!("e{number}"), number % 90)).await;
    }
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn a_token_that_is_gone_or_not_accepted_leads_to_a_full_read() {
    let fake = Fake::start();
    let id = add(&fake, ADA, event("a", 1)).await;
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    fake.order(json!({ "do": "delete_event", "calendar": ADA, "id": id })).await;
    fake.order(json!({ "do": "expire_sync_tokens", "calendar": ADA })).await;
    mirror.sync().await.unwrap();
    assert!(mirror.find("event", &id).is_none(), "a full read has no tombstones; what it does not show is gone");
    assert_equal(&fake, &mirror).await;
    for (status, reason) in [(410, "fullSyncRequired"), (410, "updatedMinTooLongAgo"), (400, "invalid")] {
        add(&fake, ADA, event("more", 2)).await;
        fake.fail(EVENTS, status, reason, json!({})).await;
        mirror.sync().await.unwrap();
        assert_equal(&fake, &mirror).await;
    }
    fake.fail(EVENTS, 410, "fullSyncRequired", json!({ "times": 2 })).await;
    assert_eq!(mirror.sync().await.unwrap_err().class, ErrorClass::Resync);
}

#[tokio::test]
async fn a_lost_calendar_is_gone_and_a_regained_one_is_back() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    let team = mirror.resources().await.unwrap().into_iter().find(|one| one.key.ends_with(TEAM)).unwrap();
    fake.order(json!({ "do": "remove_calendar", "id": TEAM })).await;
    let failure = fake.calendar.sync_page(&mirror.call(), &team, None).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Gone);
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    fake.order(json!({ "do": "add_calendar", "id": TEAM, "summary": "Team" })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn each_error_of_a_call_has_its_class() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    for (status, reason, class) in [
        (401, "authError", ErrorClass::Unauthorized),
        (403, "rateLimitExceeded", ErrorClass::Retry),
        (403, "quotaExceeded", ErrorClass::Retry),
        (403, "calendarUsageLimits", ErrorClass::Retry),
        (403, "insufficientPermissions", ErrorClass::Permanent),
        (403, "forbiddenForNonOrganizer", ErrorClass::Permanent),
        (429, "rateLimitExceeded", ErrorClass::Retry),
        (400, "badRequest", ErrorClass::Bug),
        (503, "backendError", ErrorClass::Retry),
    ] {
        fake.fail(EVENTS, status, reason, json!({})).await;
        assert_eq!(mirror.sync().await.unwrap_err().class, class, "{status} {reason}");
    }
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn the_parameters_of_a_token_stay_the_same_for_its_life() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    // The fake refuses a token with other parameters: a second read would fail.
    mirror.sync().await.unwrap();
    let params = |resources: &[integrations::providers::Resource]| resources[0].params.clone();
    let now = mirror.resources().await.unwrap();
    let in_two_months = Call { now: Timestamp::now() + SignedDuration::from_hours(24 * 62), ..mirror.call() };
    let later = fake.calendar.resources(&in_two_months).await.unwrap();
    assert_ne!(params(&now), params(&later), "the window moves on, and with it the calendar is read anew");
}

#[tokio::test]
async fn a_channel_is_renewed_before_its_end_and_the_old_one_closed() {
    let fake = Fake::start();
    let mirror = connected(&fake).await;
    let now = Timestamp::now();
    let first = mirror.subscribe(None, now).await.unwrap();
    assert!(first.route.starts_with("channel:") && first.proof.as_ref().unwrap().len() > 40);
    let day = SignedDuration::from_hours(24);
    assert!(mirror.subscribe(Some(&first), now + day * 5).await.is_none());
    let second = mirror.subscribe(Some(&first), now + day * 6 + day / 2).await.unwrap();
    assert_ne!((&first.route, &first.proof), (&second.route, &second.proof));
    assert_eq!(fake.state().await["channels"].as_array().unwrap().len(), 2, "they overlap");

    fake.calendar.unsubscribe(&mirror.call(), &first).await.unwrap();
    fake.calendar.unsubscribe(&mirror.call(), &first).await.unwrap();
    assert_eq!(fake.state().await["channels"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_calendar_that_tells_nobody_is_left_to_the_hourly_look() {
    let fake = Fake::start();
    let mirror = connected(&fake).await;
    fake.fail("*/events/watch", 400, "pushNotSupportedForRequestedResource", json!({})).await;
    assert!(mirror.subscribe(None, Timestamp::now()).await.is_none());
    fake.fail("*/events/watch", 400, "channelIdNotUnique", json!({})).await;
    let resource = mirror.resources().await.unwrap().remove(0);
    let failure = fake.calendar.subscribe(&mirror.call(), &resource, None).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Bug);
}

#[tokio::test]
async fn a_notification_of_the_fake_names_its_channel_and_shows_its_proof() {
    let fake = Fake::start();
    let mirror = connected(&fake).await;
    let subscription = mirror.subscribe(None, Timestamp::now()).await.unwrap();
    let resource = mirror.resources().await.unwrap().remove(0);
    let calendar = resource.key.strip_prefix("calendar:").unwrap();
    add(&fake, calendar, event("a", 1)).await;
    let mut routes = Vec::new();
    for headers in fake.sent().await {
        let request = WebhookRequest { headers: &headers, body: b"", now: Timestamp::now() };
        routes.extend(fake.calendar.webhook(&request).await.unwrap().routes);
    }
    let told: Vec<_> = routes.into_iter().map(|route| (route.key, route.proof)).collect();
    assert_eq!(told, [(subscription.route, subscription.proof)], "the first message is no news");
}
