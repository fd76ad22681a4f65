//! Each condition is needed: without it, a promise breaks.

use domain::audit::Deed;
use domain::rate::Rate;
use jiff::SignedDuration;

use super::accounts::{account, profile, token};
use super::bounds::deed;
use super::entities::entity;
use super::files::file;
use super::integrations::{planned, sealed};
use super::*;
use crate::conditions::Condition;

/// Acts out what the condition is for; whether the promise held.
async fn promise_holds(condition: Condition, store: &Store) -> bool {
    match condition {
        Condition::New => new_viewer_is_told_from_a_known_one(store).await,
        Condition::SessionUnchanged => second_change_on_one_reading_is_refused(store).await,
        Condition::ChangeAtHead => change_overwrites_no_event(store).await,
        Condition::BatchAtHead => batch_overwrites_no_event(store).await,
        Condition::PromptNotBegun => words_of_a_turn_that_began_stay(store).await,
        Condition::PromptThere => status_makes_no_message(store).await,
        Condition::KeyUnused => key_creates_one_session(store).await,
        Condition::NotRestarted => restarted_session_stays_on_the_list(store).await,
        Condition::IntegrationUnchanged => second_change_of_an_integration_is_refused(store).await,
        Condition::AccountFree => account_has_one_integration(store).await,
        Condition::CredentialsUnchanged => renewal_leaves_newer_credentials_alone(store).await,
        Condition::RenewalFree => one_renews_at_a_time(store).await,
        Condition::CursorThere => nobody_asks_for_what_is_gone(store).await,
        Condition::CursorFree => one_holds_a_cursor(store).await,
        Condition::CursorHeld => worker_that_was_replaced_writes_nothing(store).await,
        Condition::EntityNotNewer => late_entity_is_refused(store).await,
        Condition::SearchUnchanged => segments_are_added_not_replaced(store).await,
        Condition::QuotaUnchanged => units_are_spent_once(store).await,
        Condition::DueUnchanged => a_look_that_was_hastened_stays_so(store).await,
        Condition::DueLater => an_early_look_is_not_put_off(store).await,
        Condition::RoomInBucket => bucket_holds_no_more_than_it_does(store).await,
        Condition::BucketFull => bucket_that_is_not_full_is_not_taken_for_full(store).await,
        Condition::BehindLastRecord => records_at_once_follow_each_other(store).await,
        Condition::SandboxAllowed => sandboxes_are_no_more_than_allowed(store).await,
        Condition::RoomForFile => file_without_room_is_refused(store).await,
        Condition::FilePending => file_is_made_ready_once(store).await,
        Condition::FileAsRead => file_is_doomed_as_it_was_read(store).await,
        Condition::FileDeleting => room_is_given_back_once(store).await,
        Condition::CallerThere => a_revoked_token_does_not_come_back(store).await,
        Condition::IdentityFree => one_identity_is_one_user(store).await,
        Condition::EmailFree => one_address_is_one_user(store).await,
        Condition::FirstAdmin => one_user_is_the_first(store).await,
        Condition::UserThere => a_deleted_user_does_not_come_back(store).await,
    }
}

#[tokio::test]
async fn taking_any_one_condition_away_breaks_a_promise() {
    for condition in Condition::ALL {
        let mut store = store().await;
        assert!(promise_holds(condition, &store).await, "{condition:?} with the condition");
        store.without = Some(condition);
        assert!(!promise_holds(condition, &store).await, "{condition:?} is not needed, or not tested");
    }
}

async fn new_viewer_is_told_from_a_known_one(store: &Store) -> bool {
    let session = new_session(store).await;
    let (owner, id) = (session.owner, session.id);
    assert!(store.put_viewer(owner, id, "c", at(0)).await.unwrap());
    !store.put_viewer(owner, id, "c", at(0)).await.unwrap()
}

async fn second_change_on_one_reading_is_refused(store: &Store) -> bool {
    let session = new_session(store).await;
    let title = |text: &str| session.update(Some(text.into()), None, None, at(1)).unwrap();
    let (first, second) = (title("one"), title("two"));
    let head = store.commit(commit(&first, 0)).await.unwrap().head;
    store.commit(commit(&second, head)).await.is_err()
}

async fn change_overwrites_no_event(store: &Store) -> bool {
    let session = new_session(store).await;
    let relay = Writer::Relay { epoch: 0 };
    store.append(session.owner, session.id, relay, 0, deltas(&["kept"]), at(1)).await.unwrap();
    let change = session.submit(&prompt(&session), at(1)).unwrap();
    let refused = store.commit(commit(&change, 0)).await.is_err();
    refused && texts(&whole_log(store, &session).await)[0].1 == "kept"
}

async fn batch_overwrites_no_event(store: &Store) -> bool {
    let session = new_session(store).await;
    for text in ["first", "second"] {
        let relay = Writer::Relay { epoch: 0 };
        store.append(session.owner, session.id, relay, 0, deltas(&[text]), at(1)).await.unwrap();
    }
    texts(&whole_log(store, &session).await) == [(1, "first"), (2, "second")]
}

/// Even a change that is wrong must not rewrite what the agent was asked.
async fn words_of_a_turn_that_began_stay(store: &Store) -> bool {
    let session = new_session(store).await;
    let asked = prompt(&session);
    let change = session.submit(&asked, at(1)).unwrap();
    let head = store.commit(commit(&change, 0)).await.unwrap().head;
    let mut change = change.session.update(None, None, None, at(2)).unwrap();
    let message = Message::prompt(asked.message_id, session.id, 1, "other words".into(), Vec::new(), at(0));
    change.messages.push(domain::session::MessageWrite::Prompt {
        message,
        answer_id: asked.answer_id,
        traceparent: None,
    });
    let refused = store.commit(commit(&change, head)).await.is_err();
    let kept = store.prompt(session.owner, session.id, 1).await.unwrap().unwrap().content;
    refused && kept == asked.content
}

async fn status_makes_no_message(store: &Store) -> bool {
    let session = new_session(store).await;
    let mut change = session.update(None, None, None, at(1)).unwrap();
    let status = MessageStatus::Cancelled;
    change.messages.push(domain::session::MessageWrite::PromptStatus { turn: 9, status });
    store.commit(commit(&change, 0)).await.is_err()
}

async fn key_creates_one_session(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let request = Idempotency::new("k".into(), b"body");
    for _ in 0..2 {
        let session = Session::new(owner, NewSession::default(), at(0));
        store.create_session(&session, Some(&request), at(0)).await.unwrap();
    }
    store.sessions(owner, None, 10).await.unwrap().0.len() == 1
}

async fn restarted_session_stays_on_the_list(store: &Store) -> bool {
    let session = new_session(store).await;
    let change = session.submit(&prompt(&session), at(1)).unwrap();
    store.commit(commit(&change, 0)).await.unwrap();
    store.forget_live(&session).await.unwrap();
    let live = LiveSession { owner: session.owner, session: session.id };
    store.live_sessions().await.unwrap().contains(&live)
}

fn new_integration() -> domain::Integration {
    domain::Integration::new(UserId::mint(at(0)), domain::Service::new("toy"), Default::default(), at(0))
}

async fn second_change_of_an_integration_is_refused(store: &Store) -> bool {
    let integration = new_integration();
    store.create_integration(&integration).await.unwrap();
    assert!(store.change_integration(&integration.planned(at(1))).await.unwrap());
    !store.change_integration(&integration.disconnect(at(1))).await.unwrap()
}

async fn account_has_one_integration(store: &Store) -> bool {
    let (one, mut other) = (new_integration(), new_integration());
    other.owner = one.owner;
    let account = domain::integration::Account { id: "1".into(), name: "ana".into() };
    let connect = |integration: &domain::Integration| integration.connect(account.clone(), Vec::new(), at(1));
    assert!(store.connect_integration(&connect(&one), &account, true).await.unwrap());
    !store.connect_integration(&connect(&other), &account, true).await.unwrap()
}

async fn renewal_leaves_newer_credentials_alone(store: &Store) -> bool {
    let integration = new_integration();
    let (owner, id) = (integration.owner, integration.id);
    let first = store.put_credentials(owner, id, &sealed("first")).await.unwrap();
    store.put_credentials(owner, id, &sealed("connected again")).await.unwrap();
    store.replace_credentials(owner, id, first.rev, &sealed("renewed")).await.unwrap();
    store.credentials(owner, id).await.unwrap().unwrap().sealed == "connected again"
}

async fn one_renews_at_a_time(store: &Store) -> bool {
    let integration = new_integration();
    let (owner, id) = (integration.owner, integration.id);
    let rev = store.put_credentials(owner, id, &sealed("x")).await.unwrap().rev;
    let time = jiff::SignedDuration::from_secs(30);
    assert!(store.begin_renewal(owner, id, rev, at(0), time).await.unwrap());
    !store.begin_renewal(owner, id, rev, at(29), time).await.unwrap()
}

async fn nobody_asks_for_what_is_gone(store: &Store) -> bool {
    let integration = new_integration();
    let asked = store.ask_cursor(integration.owner, integration.id, "gone").await;
    asked.is_ok_and(|asked| asked.is_none())
}

async fn one_holds_a_cursor(store: &Store) -> bool {
    let integration = new_integration();
    let (owner, id) = (integration.owner, integration.id);
    store.plan_cursor(owner, id, &planned("r")).await.unwrap();
    assert!(store.take_cursor(owner, id, "r", at(0)).await.unwrap().is_some());
    store.take_cursor(owner, id, "r", at(1)).await.unwrap().is_none()
}

async fn worker_that_was_replaced_writes_nothing(store: &Store) -> bool {
    let integration = new_integration();
    let (owner, id) = (integration.owner, integration.id);
    store.plan_cursor(owner, id, &planned("r")).await.unwrap();
    let slow = store.take_cursor(owner, id, "r", at(0)).await.unwrap().unwrap();
    store.take_cursor(owner, id, "r", at(1_000)).await.unwrap().unwrap();
    !store.commit_cursor(&slow, at(1_001)).await.unwrap()
        && store.release_cursor(&slow).await.unwrap().is_none()
        && !store.delete_cursor(&slow).await.unwrap()
}

async fn late_entity_is_refused(store: &Store) -> bool {
    let (owner, integration) = (UserId::mint(at(0)), domain::IntegrationId::mint(at(0)));
    assert!(store.put_entity(owner, entity(integration, "7", 2), None, at(0)).await.unwrap());
    !store.put_entity(owner, entity(integration, "7", 1), None, at(0)).await.unwrap()
}

async fn segments_are_added_not_replaced(store: &Store) -> bool {
    let (owner, integration) = (UserId::mint(at(0)), domain::IntegrationId::mint(at(0)));
    let entities: Vec<_> = (0..12).map(|n| entity(integration, &n.to_string(), 1)).collect();
    let added = entities.iter().map(|entity| store.index_entities(owner, [entity], at(0)));
    let added = join_all(added).await.into_iter().filter(Result::is_ok).count();
    store.indexed_rows(owner).await.unwrap() == added
}

async fn units_are_spent_once(store: &Store) -> bool {
    let (owner, service) = (UserId::mint(at(0)), domain::Service::new("toy"));
    let quota = domain::sync::Quota { units_per_minute: 60, burst: 8 };
    let spent = join_all((0..16).map(|_| store.spend(owner, &service, quota, 1, false, at(0)))).await;
    spent.into_iter().filter(|spent| matches!(spent, Ok(Ok(())))).count() <= 8
}

async fn a_look_that_was_hastened_stays_so(store: &Store) -> bool {
    let integration = new_integration();
    store.put_due(integration.owner, integration.id, at(100)).await.unwrap();
    let read = store.due_integration(integration.id).await.unwrap().unwrap();
    store.hasten_due(integration.id, at(50)).await.unwrap();
    store.move_due(&read, at(3_600)).await.unwrap();
    store.due_integration(integration.id).await.unwrap().unwrap().is_due(at(50))
}

async fn an_early_look_is_not_put_off(store: &Store) -> bool {
    let integration = new_integration();
    store.put_due(integration.owner, integration.id, at(100)).await.unwrap();
    store.hasten_due(integration.id, at(200)).await.unwrap();
    store.due_integration(integration.id).await.unwrap().unwrap().is_due(at(100))
}

/// Those who ask at once, each thinking that the bucket is full.
async fn bucket_that_is_not_full_is_not_taken_for_full(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let rate = Rate::exact("tests", 3, SignedDuration::from_secs(60));
    for _ in 0..4 {
        if store.draw(owner, &rate, None, 1, at(0)).await.unwrap() != Taken::Yes {
            return true;
        }
    }
    false
}

/// Many ask at once, so that what each has seen is out of date when they write.
async fn bucket_holds_no_more_than_it_does(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let rate = Rate::exact("tests", 3, SignedDuration::from_secs(60));
    let takes = (0..12).map(|_| store.draw(owner, &rate, None, 1, at(0)));
    let taken = join_all(takes).await;
    taken.into_iter().filter(|taken| matches!(taken, Ok(Taken::Yes))).count() == 3
}

async fn sandboxes_are_no_more_than_allowed(store: &Store) -> bool {
    let store = store.clone().with_bounds(Bounds { sandboxes: 1, ..Bounds::default() });
    let first = new_session(&store).await;
    let second = Session::new(first.owner, NewSession::default(), at(0));
    store.create_session(&second, None, at(0)).await.unwrap();
    let mut refused = false;
    for session in [first, second] {
        let change = session.submit(&prompt(&session), at(1)).unwrap();
        refused = matches!(store.commit(commit(&change, 0)).await, Err(CommitError::TooManySandboxes));
    }
    refused
}

async fn records_at_once_follow_each_other(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let deeds: Vec<Deed> = (0..8).map(|n| deed(owner, &n.to_string())).collect();
    join_all(deeds.iter().map(|deed| store.record(deed))).await;
    store.audit_records(owner, None, false, 100).await.unwrap().len() == deeds.len()
}

async fn file_without_room_is_refused(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let large = |n| file(owner, "large", Bounds::default().storage_bytes, n);
    assert_eq!(store.begin_file(&large(0), None, at(0)).await.unwrap(), Begun::New);
    store.begin_file(&large(1), None, at(0)).await.unwrap() == Begun::OverQuota
}

async fn file_is_made_ready_once(store: &Store) -> bool {
    let file = file(UserId::mint(at(0)), "a", 1, 0);
    store.begin_file(&file, None, at(0)).await.unwrap();
    assert!(store.doom_file(&file, &file.deleting(at(1))).await.unwrap());
    !store.finish_file(&file).await.unwrap()
}

/// A deletion that read the file as pending must not take one that is ready by now
/// for one whose content it may leave to the sweeper.
async fn file_is_doomed_as_it_was_read(store: &Store) -> bool {
    let file = file(UserId::mint(at(0)), "a", 1, 0);
    store.begin_file(&file, None, at(0)).await.unwrap();
    assert!(store.finish_file(&file).await.unwrap());
    !store.doom_file(&file, &file.deleting(at(1))).await.unwrap()
}

async fn room_is_given_back_once(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let (kept, gone) = (file(owner, "kept", 5, 0), file(owner, "gone", 5, 1));
    for file in [&kept, &gone] {
        store.begin_file(file, None, at(0)).await.unwrap();
    }
    let deleting = gone.deleting(at(1));
    store.doom_file(&gone, &deleting).await.unwrap();
    store.forget_file(&deleting).await.unwrap();
    store.forget_file(&deleting).await.unwrap();
    store.file_usage(owner).await.unwrap().bytes == 5
}

/// Its name is changed at the moment when it is revoked.
async fn a_revoked_token_does_not_come_back(store: &Store) -> bool {
    let owner = UserId::mint(at(0));
    let (token, record) = token(store, owner, None).await;
    // The pointer is left, as a renaming sees it that has read it just before.
    store.delete(crate::keys::token(&token.hash())).await.unwrap();
    let renamed = store.rename_token(owner, record.id, "x").await;
    renamed.is_ok_and(|renamed| renamed.is_none())
}

async fn one_identity_is_one_user(store: &Store) -> bool {
    account(store, &profile("1", "one@example.com"), false).await;
    !account(store, &profile("1", "two@example.com"), false).await.0
}

async fn one_address_is_one_user(store: &Store) -> bool {
    account(store, &profile("3", "same@example.com"), false).await;
    !account(store, &profile("4", "same@example.com"), false).await.0
}

async fn one_user_is_the_first(store: &Store) -> bool {
    account(store, &profile("5", "five@example.com"), true).await;
    !account(store, &profile("6", "six@example.com"), true).await.0
}

async fn a_deleted_user_does_not_come_back(store: &Store) -> bool {
    let nobody = UserId::mint(at(0));
    store.refresh_profile(nobody, "Ana", None).await.unwrap();
    store.user(nobody).await.is_ok_and(|user| user.is_none())
}
