use std::collections::{BTreeMap, BTreeSet};

use domain::integration::ErrorClass;
use integrations::providers::Provider as _;
use serde_json::{Value, json};

use crate::fake::Fake;
use crate::mirror::Mirror;

const HISTORY: &str = "/gmail/gmail/v1/users/me/history*";
const LIST: &str = "/gmail/gmail/v1/users/me/messages?*";
const BATCH: &str = "/gmail/batch/gmail/v1";

async fn connected(fake: &Fake) -> Mirror<'_> {
    Mirror::new(&fake.gmail, fake.connect(&fake.gmail, "").await.unwrap())
}

async fn add(fake: &Fake, subject: &str, more: Value) -> Vec<String> {
    let mut message = json!({ "from": "Grace Hopper <grace@example.com>", "subject": subject });
    for (name, value) in more.as_object().unwrap() {
        message[name] = value.clone();
    }
    let added = fake.order(json!({ "do": "add_message", "message": message })).await;
    serde_json::from_value(added["ids"].clone()).unwrap()
}

/// Messages by id with their subject and labels, and the threads with the time of their newest message.
type Held = (BTreeMap<String, (String, BTreeSet<String>)>, BTreeMap<String, i64>);

/// What Gmail shows: neither spam nor what was thrown away.
async fn there(fake: &Fake) -> Held {
    let mut held = Held::default();
    for message in fake.state().await["messages"].as_array().unwrap() {
        let labels: BTreeSet<String> = serde_json::from_value(message["labelIds"].clone()).unwrap();
        if labels.contains("TRASH") || labels.contains("SPAM") {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = message["payload"]["headers"].as_array().unwrap();
        let subject = headers.iter().find(|header| header["name"] == "Subject").unwrap();
        held.0.insert(text(&message["id"]), (text(&subject["value"]), labels));
        let at = text(&message["internalDate"]).parse().unwrap();
        let newest = held.1.entry(text(&message["threadId"])).or_insert(at);
        *newest = (*newest).max(at);
    }
    held
}

fn here(mirror: &Mirror<'_>) -> Held {
    let messages = mirror
        .all("message")
        .into_iter()
        .map(|entity| (entity.external_id.clone(), (entity.title.clone(), entity.labels.iter().cloned().collect())));
    let threads = mirror.all("thread").into_iter();
    let threads = threads.map(|entity| (entity.external_id.clone(), entity.updated_at.as_millisecond()));
    (messages.collect(), threads.collect())
}

async fn assert_equal(fake: &Fake, mirror: &Mirror<'_>) {
    assert_eq!(here(mirror), there(fake).await);
}

#[tokio::test]
async fn all_mail_is_read_and_grouped_by_thread() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    let thread = mirror.all("thread").into_iter().find(|thread| thread.title == "Release plan for May").unwrap();
    assert_eq!(thread.body, "Thanks, merged both.", "the newest message speaks for its thread");
    let message = mirror.find("message", &thread.external_id).unwrap();
    assert_eq!(message.author.as_ref().unwrap().id, "grace@example.com");
    assert!(message.url.as_ref().unwrap().contains(&message.external_id));
}

#[tokio::test]
async fn a_mailbox_larger_than_a_page_is_read_whole() {
    let fake = Fake::start();
    fake.order(json!({ "do": "quota", "gmail_per_minute": 1_000_000, "calendar_per_minute": 600 })).await;
    add(&fake, "many", json!({ "count": 620 })).await;
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    let state = fake.state().await;
    assert_eq!(u64::from(mirror.units), state["units"]["gmail"].as_u64().unwrap(), "what it cost is known");
}

#[tokio::test]
async fn what_changed_is_read_and_labels_alone_are_not() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    let kept = mirror.all("message")[0].external_id.clone();
    let gets = fake.calls("/messages/").await;
    fake.order(json!({ "do": "relabel", "id": kept, "add": ["STARRED", "Label_7"], "remove": ["INBOX"] })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    assert_eq!(fake.calls("/messages/").await, gets, "a label costs no get");

    let new = add(&fake, "new", json!({ "thread_id": kept })).await.remove(0);
    let gone = mirror.all("message")[1].external_id.clone();
    fake.order(json!({ "do": "delete_message", "id": gone })).await;
    let brief = add(&fake, "brief", json!({})).await.remove(0);
    fake.order(json!({ "do": "delete_message", "id": brief })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    assert!(mirror.find("message", &new).is_some() && mirror.find("message", &brief).is_none());

    // Nothing happened: the answer has no history at all.
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn what_is_thrown_away_is_gone_and_what_is_taken_back_is_there_again() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    let id = mirror.all("message")[0].external_id.clone();
    fake.order(json!({ "do": "relabel", "id": id, "add": ["TRASH"] })).await;
    mirror.sync().await.unwrap();
    assert!(mirror.find("message", &id).is_none());
    assert_equal(&fake, &mirror).await;
    fake.order(json!({ "do": "relabel", "id": id, "remove": ["TRASH"] })).await;
    add(&fake, "spam", json!({ "labels": ["SPAM"] })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn a_thread_ends_with_its_last_message() {
    let fake = Fake::start();
    let first = add(&fake, "talk", json!({ "days_ago": 2 })).await.remove(0);
    let second = add(&fake, "Re: talk", json!({ "thread_id": first, "days_ago": 1 })).await.remove(0);
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    for id in [second, first.clone()] {
        fake.order(json!({ "do": "delete_message", "id": id })).await;
        mirror.sync().await.unwrap();
        assert_equal(&fake, &mirror).await;
    }
    assert!(mirror.find("thread", &first).is_none());
}

#[tokio::test]
async fn only_chosen_labels_are_read() {
    let fake = Fake::start();
    let filed = add(&fake, "filed", json!({ "labels": ["Label_1", "INBOX"] })).await.remove(0);
    let other = add(&fake, "other", json!({ "labels": ["Label_2"] })).await.remove(0);
    add(&fake, "neither", json!({})).await;
    let mut mirror = connected(&fake).await;
    mirror.configure(json!({ "labels": ["Label_1", "Label_2"] }));
    mirror.sync().await.unwrap();
    assert_eq!(mirror.all("message").len(), 2);
    fake.order(json!({ "do": "relabel", "id": filed, "remove": ["Label_1"] })).await;
    mirror.sync().await.unwrap();
    assert!(mirror.find("message", &filed).is_none() && mirror.find("message", &other).is_some());
    fake.order(json!({ "do": "relabel", "id": filed, "add": ["Label_2"] })).await;
    mirror.sync().await.unwrap();
    assert_eq!(mirror.all("message").len(), 2);
}

#[tokio::test]
async fn mail_older_than_asked_for_is_not_read() {
    let fake = Fake::start();
    let old = add(&fake, "old", json!({ "days_ago": 40 })).await.remove(0);
    let mut mirror = connected(&fake).await;
    mirror.configure(json!({ "days": 30 }));
    mirror.sync().await.unwrap();
    assert!(mirror.find("message", &old).is_none());
    mirror.configure(json!({ "days": 60 }));
    mirror.sync().await.unwrap();
    assert!(mirror.find("message", &old).is_some(), "other parameters begin anew");
}

#[tokio::test]
async fn a_place_in_the_history_that_is_refused_leads_to_a_full_read() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    // Too old.
    let gone = mirror.all("message")[0].external_id.clone();
    fake.order(json!({ "do": "delete_message", "id": gone })).await;
    fake.order(json!({ "do": "expire_history" })).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    // Not of this mailbox.
    add(&fake, "new", json!({})).await;
    fake.fail(HISTORY, 400, "invalidArgument", json!({})).await;
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
    // Refused again at once: that is for the engine's guard.
    fake.fail(HISTORY, 404, "notFound", json!({ "times": 2 })).await;
    assert_eq!(mirror.sync().await.unwrap_err().class, ErrorClass::Resync);
}

#[tokio::test]
async fn what_happens_during_the_first_read_is_not_lost() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    let before = mirror.resources().await.unwrap().remove(0);
    // The list is read, then the batch fails: in between, mail comes and goes.
    fake.fail(BATCH, 503, "backendError", json!({})).await;
    assert_eq!(mirror.sync().await.unwrap_err().class, ErrorClass::Retry);
    let first = fake.gmail.sync_page(&mirror.call(), &before, None).await.unwrap();
    let (deleted, _) = there(&fake).await.0.pop_first().unwrap();
    fake.order(json!({ "do": "delete_message", "id": deleted })).await;
    add(&fake, "meanwhile", json!({})).await;
    let second = fake.gmail.sync_page(&mirror.call(), &before, Some(&first.state)).await.unwrap();
    let told: Vec<_> = second.changes.iter().map(|change| change.external_id().to_owned()).collect();
    assert!(second.done && told.contains(&deleted) && told.len() > 2, "{told:?}");
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn refused_parts_of_a_batch_are_read_again_and_missing_ones_are_gone() {
    let fake = Fake::start();
    let ids = add(&fake, "m", json!({ "count": 30 })).await;
    for (id, status, reason) in
        [(&ids[0], 429, "rateLimitExceeded"), (&ids[1], 403, "userRateLimitExceeded"), (&ids[2], 503, "backendError")]
    {
        fake.fail(&format!("*/messages/{id}*"), status, reason, json!({})).await;
    }
    fake.fail(&format!("*/messages/{}*", ids[3]), 404, "notFound", json!({})).await;
    let mut mirror = connected(&fake).await;
    mirror.sync().await.unwrap();
    assert!(mirror.find("message", &ids[3]).is_none());
    assert_eq!(mirror.all("message").len() + 1, there(&fake).await.0.len());
    assert_eq!(fake.calls(&ids[0]).await, 2);
    assert_eq!(fake.calls(&ids[4]).await, 1, "what was answered is not asked for again");
}

#[tokio::test]
async fn a_mailbox_that_costs_more_than_a_minute_allows_is_read_bit_by_bit() {
    let fake = Fake::start();
    fake.order(json!({ "do": "quota", "gmail_per_minute": 330, "calendar_per_minute": 600 })).await;
    add(&fake, "m", json!({ "count": 30 })).await;
    let mut mirror = connected(&fake).await;
    let mut refused = 0;
    while let Err(failure) = mirror.sync().await {
        assert_eq!(failure.class, ErrorClass::Retry, "{failure}");
        refused += 1;
        fake.advance(60).await;
        // The access token is an hour old by and by.
        mirror.renew().await.unwrap();
        assert!(refused < 20);
    }
    assert!(refused > 1);
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
        (403, "insufficientPermissions", ErrorClass::Permanent),
        (403, "domainPolicy", ErrorClass::Permanent),
        (403, "accessNotConfigured", ErrorClass::Bug),
        (400, "failedPrecondition", ErrorClass::Permanent),
        (500, "backendError", ErrorClass::Retry),
        (502, "", ErrorClass::Retry),
    ] {
        fake.fail(LIST, status, reason, json!({})).await;
        let failure = mirror.sync().await.unwrap_err();
        assert_eq!(failure.class, class, "{status} {reason}");
    }
    fake.fail(LIST, 429, "rateLimitExceeded", json!({ "retry_after": "30" })).await;
    assert!(matches!(mirror.sync().await.unwrap_err().class, ErrorClass::WaitUntil(_)));
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn an_expired_access_token_is_told_so_and_a_renewed_one_goes_on() {
    let fake = Fake::start();
    let mut mirror = connected(&fake).await;
    fake.order(json!({ "do": "expire_access" })).await;
    assert_eq!(mirror.sync().await.unwrap_err().class, ErrorClass::Unauthorized);
    mirror.renew().await.unwrap();
    mirror.sync().await.unwrap();
    assert_equal(&fake, &mirror).await;
}

#[tokio::test]
async fn the_labels_are_there_to_choose_from() {
    let fake = Fake::start();
    add(&fake, "m", json!({ "labels": ["Label_1"] })).await;
    let mirror = connected(&fake).await;
    let choices = fake.gmail.choices(&mirror.call()).await.unwrap();
    assert!(choices["labels"].iter().any(|choice| choice.id == "Label_1"));
}
