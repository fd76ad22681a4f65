use domain::Action;
use domain::integration::ErrorClass;
use integrations::providers::{Deed, Provider as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::fake::Fake;
use crate::mirror::Mirror;

const ID: &str = "00ff00ff00ff";

fn mail() -> Action {
    let (to, cc) = (vec!["grace@example.com".to_owned()], vec!["bob@example.com".to_owned()]);
    Action::SendMail { to, cc, subject: "Grüße".into(), body: "Bis später\n".into() }
}

fn event() -> Action {
    let starts_at = Timestamp::now() + SignedDuration::from_hours(24);
    Action::CreateEvent {
        calendar: "primary".into(),
        title: "Review".into(),
        description: "All of it".into(),
        location: "Room 1".into(),
        starts_at,
        ends_at: starts_at + SignedDuration::from_hours(1),
        people: vec!["grace@example.com".into()],
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_meant() {
    let fake = Fake::start();
    let mirror = Mirror::new(&fake.gmail, fake.connect_to(&fake.gmail, true, "").await.unwrap());
    let deed = Deed { action: &mail(), id: ID };
    let sent = fake.gmail.act(&mirror.call(), deed).await.unwrap();
    let messages = fake.state().await["messages"].take();
    let message = messages.as_array().unwrap().iter().find(|message| message["id"] == sent["id"]).unwrap().clone();
    let headers = message["payload"]["headers"].as_array().unwrap();
    let of = |name: &str| headers.iter().find(|header| header["name"] == name).map(|header| header["value"].clone());
    assert_eq!((of("To"), of("Cc")), (Some(json!("grace@example.com")), Some(json!("bob@example.com"))));
    assert_eq!((of("Subject"), &message["labelIds"]), (Some(json!("Grüße")), &json!(["SENT"])));
}

#[tokio::test]
async fn an_event_that_is_created_twice_under_one_id_is_there_once() {
    let fake = Fake::start();
    let mirror = Mirror::new(&fake.calendar, fake.connect_to(&fake.calendar, true, "").await.unwrap());
    let event = event();
    let deed = Deed { action: &event, id: ID };
    let first = fake.calendar.act(&mirror.call(), deed).await.unwrap();
    let second = fake.calendar.act(&mirror.call(), deed).await.unwrap();
    assert_eq!((&first, &first["id"]), (&second, &json!(ID)));
    let calendars = fake.state().await["calendars"].take();
    let events = calendars.as_array().unwrap().iter().flat_map(|calendar| calendar["events"].as_array().unwrap());
    assert_eq!(events.filter(|event| event["summary"] == "Review").count(), 1);
}

#[tokio::test]
async fn who_was_connected_for_reading_is_told_which_right_is_missing() {
    let fake = Fake::start();
    let mirror = Mirror::new(&fake.gmail, fake.connect(&fake.gmail, "").await.unwrap());
    let failure = fake.gmail.act(&mirror.call(), Deed { action: &mail(), id: ID }).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Reauth);
    assert!(failure.message.contains("gmail.send"), "{failure}");
    // What was unticked is missing as well.
    let scope = fake.gmail.action_scope().unwrap().to_owned();
    let grant = fake.connect_to(&fake.gmail, true, &format!("&untick={scope}")).await.unwrap();
    assert!(!grant.scopes.contains(&scope));
}

#[tokio::test]
async fn what_google_refuses_was_not_done_and_what_it_does_not_answer_may_have_been() {
    let fake = Fake::start();
    let mirror = Mirror::new(&fake.gmail, fake.connect_to(&fake.gmail, true, "").await.unwrap());
    for (status, reason, class) in [
        (400, "invalidArgument", ErrorClass::Permanent),
        (403, "insufficientPermissions", ErrorClass::Reauth),
        (503, "backendError", ErrorClass::Retry),
    ] {
        fake.fail("/gmail/gmail/v1/users/me/messages/send", status, reason, json!({})).await;
        let failure = fake.gmail.act(&mirror.call(), Deed { action: &mail(), id: ID }).await.unwrap_err();
        assert_eq!(failure.class, class, "{status} {failure}");
    }
}
