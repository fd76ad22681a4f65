use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use super::{Fake, READ_MAIL, account, reason, text};

const ME: &str = "/gmail/gmail/v1/users/me";

fn message(subject: &str) -> Value {
    json!({ "from": "x@example.com", "subject": subject })
}

async fn add(fake: &Fake, subject: &str) -> String {
    let added = fake.order(account(json!({ "do": "add_message", "message": message(subject) }))).await;
    text(&added["ids"][0])
}

async fn history_id(fake: &Fake, token: &str) -> String {
    text(&fake.get(&format!("{ME}/profile"), token).await.body["historyId"])
}

#[tokio::test]
async fn history_tells_what_happened_behind_an_id_in_order_and_by_page() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let start = history_id(&fake, &token).await;
    let nothing = fake.get(&format!("{ME}/history?startHistoryId={start}"), &token).await.body;
    assert_eq!((&nothing["history"], &nothing["historyId"]), (&Value::Null, &json!(start)));

    let id = add(&fake, "a").await;
    fake.order(account(json!({ "do": "relabel", "id": id, "add": ["STARRED"], "remove": ["UNREAD"] }))).await;
    fake.order(account(json!({ "do": "delete_message", "id": id }))).await;
    let mut seen = Vec::new();
    let mut page = String::new();
    loop {
        let path = format!("{ME}/history?startHistoryId={start}&maxResults=1&pageToken={page}");
        let body = fake.get(&path, &token).await.body;
        for record in body["history"].as_array().unwrap() {
            let what = ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"];
            seen.extend(what.into_iter().filter(|name| record[*name][0]["message"]["id"] == id.as_str()));
        }
        page = text(&body["nextPageToken"]);
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]);
    let only = format!("{ME}/history?startHistoryId={start}&historyTypes=messageDeleted");
    assert_eq!(fake.get(&only, &token).await.body["history"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_old_history_id_is_not_found_and_a_foreign_one_invalid() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let start = history_id(&fake, &token).await;
    fake.order(account(json!({ "do": "expire_history" }))).await;
    assert_eq!(fake.get(&format!("{ME}/history?startHistoryId={start}"), &token).await.status, 404);
    let future = "99999999999999999999";
    assert_eq!(fake.get(&format!("{ME}/history?startHistoryId={future}"), &token).await.status, 400);
    let start = history_id(&fake, &token).await;
    assert_eq!(fake.get(&format!("{ME}/history?startHistoryId={start}"), &token).await.status, 200);
}

#[tokio::test]
async fn lists_hold_ids_alone_newest_first_and_obey_the_search() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let newest = add(&fake, "now").await;
    let old = json!({ "from": "x@example.com", "subject": "then", "days_ago": 400 });
    fake.order(account(json!({ "do": "add_message", "message": old }))).await;
    let all = fake.get(&format!("{ME}/messages?maxResults=500"), &token).await.body;
    assert_eq!(all["messages"][0], json!({ "id": newest, "threadId": newest }));
    let recent = fake.get(&format!("{ME}/messages?q=newer_than:90d"), &token).await.body;
    let count = |list: &Value| list["messages"].as_array().unwrap().len();
    assert_eq!(count(&all), count(&recent) + 1);
    let first = fake.get(&format!("{ME}/messages?maxResults=3"), &token).await.body;
    let second = format!("{ME}/messages?maxResults=500&pageToken={}", text(&first["nextPageToken"]));
    assert_eq!(count(&first) + count(&fake.get(&second, &token).await.body), count(&all));
}

#[tokio::test]
async fn the_metadata_scope_sees_headers_but_neither_searches_nor_reads() {
    let fake = Fake::start();
    let token = fake.token("https://www.googleapis.com/auth/gmail.metadata").await;
    assert_eq!(fake.get(&format!("{ME}/messages?q=x"), &token).await.status, 403);
    let id = add(&fake, "a").await;
    assert_eq!(fake.get(&format!("{ME}/messages/{id}?format=full"), &token).await.status, 403);
    let shown = fake.get(&format!("{ME}/messages/{id}?format=metadata&metadataHeaders=subject"), &token).await.body;
    assert_eq!(shown["payload"]["headers"], json!([{ "name": "Subject", "value": "a" }]));
}

fn batch(token: &str, targets: &[String]) -> Request<Body> {
    let parts: String = targets
        .iter()
        .enumerate()
        .map(|(at, target)| {
            format!(
                "--b\r\nContent-Type: application/http\r\nContent-ID: <part-{at}>\r\n\r\nGET {target} HTTP/1.1\r\n\r\n"
            )
        })
        .collect();
    Request::post("/google/gmail/batch/gmail/v1")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "multipart/mixed; boundary=b")
        .body(Body::from(format!("{parts}--b--")))
        .unwrap()
}

#[tokio::test]
async fn each_part_of_a_batch_is_answered_for_itself_and_not_in_order() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let id = add(&fake, "a").await;
    fake.google.world().faults.add(
        serde_json::from_value(json!({
            "provider": "google", "path": "*/messages/busy*", "answer": { "status": 429, "body": { "error": {} } },
        }))
        .unwrap(),
    );
    let target = |id: &str| format!("/gmail/v1/users/me/messages/{id}?format=metadata");
    let got = fake.send(batch(&token, &[target(&id), target("gone"), target("busy")])).await;
    assert_eq!(got.status, 200);
    let parts: Vec<_> = got
        .text
        .split("Content-ID: ")
        .skip(1)
        .map(|part| (part.lines().next().unwrap(), part.contains("HTTP/1.1 200"), part.contains("HTTP/1.1 429")))
        .collect();
    let expected =
        [("<response-part-2>", false, true), ("<response-part-1>", false, false), ("<response-part-0>", true, false)];
    assert_eq!(parts, expected);
    let many: Vec<_> = (0..101).map(|_| target(&id)).collect();
    assert_eq!(fake.send(batch(&token, &many)).await.status, 400);
}

#[tokio::test]
async fn a_batch_costs_the_sum_of_its_parts() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let id = add(&fake, "a").await;
    fake.order(json!({ "do": "quota", "gmail_per_minute": 50, "calendar_per_minute": 1 })).await;
    let target = format!("/gmail/v1/users/me/messages/{id}");
    let got = fake.send(batch(&token, &vec![target; 3])).await;
    let count = |status: &str| got.text.matches(&format!("HTTP/1.1 {status}")).count();
    assert_eq!((count("200"), count("429")), (2, 1));
    fake.google.world().clock.advance(60);
    let profile = fake.get(&format!("{ME}/profile"), &token).await;
    assert_eq!(profile.status, 200);
}

#[tokio::test]
async fn a_watch_needs_a_topic_and_ends_by_itself_after_a_week() {
    let fake = Fake::start();
    let token = fake.token(READ_MAIL).await;
    let refused = fake.post(&format!("{ME}/watch"), &token, json!({ "topicName": "x" })).await;
    assert_eq!((refused.status.as_u16(), reason(&refused)), (400, "invalidArgument"));
    let watched = fake.post(&format!("{ME}/watch"), &token, json!({ "topicName": super::super::TOPIC })).await.body;
    let ends_ms: i64 = text(&watched["expiration"]).parse().unwrap();
    assert!((ends_ms / 1_000 - fake.google.now_s() - 7 * 86_400).abs() < 60);
    assert_eq!(fake.post(&format!("{ME}/stop"), &token, json!({})).await.status, 204);
}

#[tokio::test]
async fn sending_needs_a_scope_of_its_own_and_shows_in_the_thread() {
    use base64::Engine as _;
    let fake = Fake::start();
    let id = add(&fake, "a").await;
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("To: x@example.com\r\nSubject: Re: a\r\n\r\nyes");
    let mail = json!({ "raw": raw, "threadId": id });
    let reader = fake.token(READ_MAIL).await;
    assert_eq!(fake.post(&format!("{ME}/messages/send"), &reader, mail.clone()).await.status, 403);
    let sender = fake.token("https://www.googleapis.com/auth/gmail.send").await;
    assert_eq!(fake.post(&format!("{ME}/messages/send"), &sender, mail).await.status, 200);
    let thread = fake.get(&format!("{ME}/threads/{id}?format=minimal"), &reader).await.body;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_mail_in_any_language_is_kept_as_it_was_meant() {
    use base64::Engine as _;
    let fake = Fake::start();
    let token = fake.token("https://www.googleapis.com/auth/gmail.modify").await;
    let raw = "To: a@x.org,\r\n b@x.org\r\nSubject: =?utf-8?B?R3LDvA==?=\r\n =?utf-8?B?w59l?=\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nSMOkbGxv\r\n";
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(raw);
    let sent = fake.post(&format!("{ME}/messages/send"), &token, json!({ "raw": raw })).await.body;
    let found = fake.get(&format!("{ME}/messages/{}", sent["id"].as_str().unwrap()), &token).await.body;
    let headers = found["payload"]["headers"].as_array().unwrap();
    let of = |name: &str| headers.iter().find(|header| header["name"] == name).unwrap()["value"].clone();
    assert_eq!((of("To"), of("Subject")), (json!("a@x.org, b@x.org"), json!("Grüße")));
    assert_eq!((&found["snippet"], &found["labelIds"]), (&json!("Hällo"), &json!(["SENT"])));
}
