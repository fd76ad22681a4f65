//! Each condition is needed: without it, a promise breaks.

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
    let message = Message::prompt(asked.message_id, session.id, 1, "other words".into(), at(0));
    change.messages.push(domain::session::MessageWrite::Prompt { message, answer_id: asked.answer_id });
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
