//! Integrations, their cursors, credentials and pointers.

use super::*;
use domain::integration::Account;
use domain::sync::Reason;
use domain::{Integration, IntegrationId, Service, TokenHash};
use jiff::SignedDuration;
use serde_json::json;

pub(super) fn sealed(text: &str) -> SealedCredentials {
    SealedCredentials { key_id: "k".into(), sealed: text.into(), expires_at: None, rev: 0 }
}

pub(super) fn planned(resource: &str) -> PlannedResource {
    PlannedResource { resource: resource.into(), name: "R".into(), params: json!({}), routes: vec!["repo:1".into()] }
}

fn ids() -> (UserId, IntegrationId) {
    (UserId::mint(at(0)), IntegrationId::mint(at(0)))
}

#[tokio::test]
async fn an_integration_reads_back_as_it_was_and_another_tenants_does_not_resolve() {
    let store = store().await;
    let config = json!({ "repositories": ["a/b"], "days": 30, "deep": { "x": null } });
    let config = config.as_object().cloned().unwrap();
    let integration = Integration::new(UserId::mint(at(0)), Service::new("toy"), config, at(0));
    let account = Account { id: "1".into(), name: "ana".into() };
    let connected = integration.connect(account.clone(), vec!["read".into()], at(1));
    assert!(store.connect_integration(&connected, &account, true).await.unwrap());
    let read = store.integration(connected.owner, connected.id).await.unwrap();
    assert_eq!(read, Some(connected.clone()));
    assert_eq!(store.integration(UserId::mint(at(0)), connected.id).await.unwrap(), None);
    let found = store.integration_of_account(connected.owner, &connected.service, "1").await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(connected.id));
    store.delete_integration(&connected).await.unwrap();
    assert_eq!(store.integration_of_account(connected.owner, &connected.service, "1").await.unwrap(), None);
    assert_eq!(store.all_integrations(connected.owner).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_asked_while_a_worker_reads_is_not_lost() {
    let store = store().await;
    let (owner, id) = ids();
    store.plan_cursor(owner, id, &planned("r")).await.unwrap();
    let mut held = store.take_cursor(owner, id, "r", at(0)).await.unwrap().unwrap();
    let asked = held.asked;
    held.begin(Reason::Manual, at(0));
    assert!(store.commit_cursor(&held, at(1)).await.unwrap());
    store.ask_cursor(owner, id, "r").await.unwrap().unwrap();
    held.complete(asked, at(2));
    let released = store.release_cursor(&held).await.unwrap().unwrap();
    assert!(released.asked > released.walk.done && released.waits(at(3)));
    assert_eq!(released.walk.run, held.walk.run);
}

#[tokio::test]
async fn planning_again_keeps_how_far_it_is_and_takes_a_removal_back() {
    let store = store().await;
    let (owner, id) = ids();
    store.plan_cursor(owner, id, &planned("r")).await.unwrap();
    let mut held = store.take_cursor(owner, id, "r", at(0)).await.unwrap().unwrap();
    held.begin(Reason::Manual, at(0));
    held.turn_page(json!({ "page": 2 }), 3, 0, 1);
    store.release_cursor(&held).await.unwrap();
    store.remove_cursor(owner, id, "r").await.unwrap();
    assert!(store.cursor(owner, id, "r").await.unwrap().unwrap().removed);
    let again = store.plan_cursor(owner, id, &planned("r")).await.unwrap();
    assert_eq!((again.removed, again.walk.state, again.asked), (false, Some(json!({ "page": 2 })), 3));
    assert_eq!(store.cursors(owner, id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_a_hundred_who_want_to_renew_at_once_one_may() {
    let store = store().await;
    let (owner, id) = ids();
    let rev = store.put_credentials(owner, id, &sealed("x")).await.unwrap().rev;
    let time = SignedDuration::from_secs(30);
    let begun = join_all((0..100).map(|_| store.begin_renewal(owner, id, rev, at(0), time))).await;
    assert_eq!(begun.into_iter().filter(|begun| *begun.as_ref().unwrap()).count(), 1);
    // One that died in the middle is followed by another.
    assert!(store.begin_renewal(owner, id, rev, at(31), time).await.unwrap());
    let renewed = store.replace_credentials(owner, id, rev, &sealed("y")).await.unwrap().unwrap();
    assert_eq!(store.credentials(owner, id).await.unwrap(), Some(renewed));
}

#[tokio::test]
async fn a_sign_in_is_completed_once_and_in_its_time() {
    let store = store().await;
    let state = |text: &str| BearerToken::from_text(text).hash();
    let pending = PendingOauth {
        owner: UserId::mint(at(0)),
        actor: Actor::Token(TokenId::mint(at(0))),
        service: Service::new("toy"),
        integration_id: None,
        code_verifier: "v".into(),
        redirect_uri: "http://localhost/".into(),
        browser: state("browser"),
        return_to: "/".into(),
        expires_at: at(600),
    };
    for text in ["one", "late"] {
        store.put_oauth(&state(text), &pending).await.unwrap();
    }
    assert!(store.take_oauth(&state("one"), at(1)).await.unwrap().is_some());
    assert!(store.take_oauth(&state("one"), at(1)).await.unwrap().is_none());
    assert!(store.take_oauth(&state("late"), at(600)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_webhook_finds_every_tenant_of_its_route_and_no_other() {
    let store = store().await;
    let service = Service::new("toy");
    let target = |proof: Option<TokenHash>| {
        let (owner, integration_id) = ids();
        HookTarget { owner, integration_id, resource: "r".into(), proof }
    };
    let (one, other) = (target(None), target(Some(BearerToken::from_text("s").hash())));
    for target in [&one, &other, &one] {
        store.put_hook(&service, "repo:1", target).await.unwrap();
    }
    let mut found = store.hooks(&service, "repo:1").await.unwrap();
    found.sort_by_key(|target| target.owner != one.owner);
    assert_eq!(found, [one.clone(), other]);
    assert_eq!(store.hooks(&service, "repo:12").await.unwrap(), []);
    store.delete_hook(&service, "repo:1", one.integration_id, "r").await.unwrap();
    assert_eq!(store.hooks(&service, "repo:1").await.unwrap().len(), 1);
    assert!(!store.delivered(&service, "d").await.unwrap());
    store.put_delivered(&service, "d", at(0)).await.unwrap();
    assert!(store.delivered(&service, "d").await.unwrap());
}
