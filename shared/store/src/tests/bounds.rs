//! What a user may have and do, and what is noted of it, exactly whoever asks at once.

use domain::audit::{ChainHead, Deed};
use domain::message::Usage;
use domain::rate::Rate;
use jiff::SignedDuration;

use super::*;

const RATE: Rate = Rate::exact("tests", 5, SignedDuration::from_secs(50));

#[tokio::test]
async fn a_rate_is_kept_exactly_by_many_who_ask_at_once() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let taken = join_all((0..20).map(|_| store.draw(owner, &RATE, None, 1, at(0)))).await;
    let yes = taken.iter().filter(|taken| matches!(taken, Ok(Taken::Yes))).count();
    assert_eq!(yes, 5, "{taken:?}");
    let later = store.draw(owner, &RATE, None, 1, at(0)).await.unwrap();
    assert_eq!(later, Taken::No { from: at(10) });
    assert_eq!(store.draw(owner, &RATE, None, 1, at(10)).await.unwrap(), Taken::Yes);
}

#[tokio::test]
async fn one_users_bucket_is_not_anothers_nor_one_tokens() {
    let store = store().await;
    let (owner, other) = (UserId::mint(at(0)), UserId::mint(at(0)));
    assert_eq!(store.draw(owner, &RATE, None, 5, at(0)).await.unwrap(), Taken::Yes);
    for (owner, holder) in [(other, None), (owner, Some("tok_1")), (owner, Some("tok_2"))] {
        assert_eq!(store.draw(owner, &RATE, holder, 5, at(0)).await.unwrap(), Taken::Yes, "{holder:?}");
    }
}

#[tokio::test]
async fn a_session_that_has_a_sandbox_counts_once_and_a_forgotten_one_no_more() {
    let store = store().await.with_bounds(Bounds { sandboxes: 1, ..Bounds::default() });
    let first = new_session(&store).await;
    let second = Session::new(first.owner, NewSession::default(), at(0));
    store.create_session(&second, None, at(0)).await.unwrap();
    let begin = |session: Session| session.submit(&prompt(&session), at(1)).unwrap();

    let started = begin(first);
    let head = store.commit(commit(&started, 0)).await.unwrap().head;
    let refused = store.commit(commit(&begin(second.clone()), 0)).await;
    assert!(matches!(refused, Err(CommitError::TooManySandboxes)), "{refused:?}");
    assert_eq!(store.session(second.owner, second.id).await.unwrap(), Some(second.clone()), "nothing was written");

    let ended = started.session.terminate(Vec::new(), at(2)).unwrap();
    store.commit(commit(&ended, head)).await.unwrap();
    for _ in 0..2 {
        store.forget_live(&ended.session).await.unwrap();
    }
    store.commit(commit(&begin(second), 0)).await.unwrap();
}

pub(super) fn deed(user_id: UserId, target: &str) -> Deed {
    Deed {
        at: at(0),
        user_id,
        by: None,
        action: "DELETE /api/sessions/{id}".into(),
        target: target.into(),
        result: "ok".into(),
        ip: None,
        user_agent: Some("tests".into()),
    }
}

#[tokio::test]
async fn records_written_at_once_make_one_whole_chain() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let deeds: Vec<Deed> = (0..12).map(|n| deed(owner, &n.to_string())).collect();
    for recorded in join_all(deeds.iter().map(|deed| store.record(deed))).await {
        recorded.unwrap();
    }
    let records = store.audit_records(owner, None, false, 100).await.unwrap();
    let mut head = ChainHead::default();
    for record in &records {
        head.verify(record).unwrap();
    }
    assert_eq!((records.len(), &head), (12, &store.audit_head(owner).await.unwrap()));
    let newest = store.audit_records(owner, Some(11), true, 2).await.unwrap();
    assert_eq!(newest, [records[9].clone(), records[8].clone()]);
    assert_eq!(store.audit_head(UserId::mint(at(0))).await.unwrap(), ChainHead::default());
}

#[tokio::test]
async fn a_turn_is_used_once_on_the_day_that_it_ended() {
    let store = store().await;
    let session = new_session(&store).await;
    let begun = session.submit(&prompt(&session), at(1)).unwrap();
    let head = store.commit(commit(&begun, 0)).await.unwrap().head;
    let connected = begun.session.runner_connected(begun.session.epoch, "c", at(1)).unwrap();
    let head = store.commit(commit(&connected, head)).await.unwrap().head;
    let turn = connected.session.turn.clone().unwrap();
    let mut answer = Message::answer(turn.answer_id, session.id, 1, Vec::new(), at(2));
    answer.usage = Some(Usage { input_tokens: 10, output_tokens: 3, cost_usd: 0.25, ..Usage::default() });
    let outcome = Outcome { turn: 1, status: MessageStatus::Completed, answer };
    let ended = connected.session.finish_turn(connected.session.epoch, outcome, None, at(2)).unwrap().unwrap();
    store.commit(commit(&ended, head)).await.unwrap();
    store.commit(commit(&ended, head)).await.unwrap_err();

    let days = store.usage(session.owner, at(-86_400), at(10)).await.unwrap();
    assert_eq!(days.len(), 1);
    assert_eq!((days[0].turns, days[0].usage.input_tokens, days[0].usage.cost_usd), (1, 10, 0.25));
    assert_eq!(days[0].day, domain::usage::day(at(1)));
    assert!(store.usage(session.owner, at(-86_400 * 3), at(-86_400)).await.unwrap().is_empty());
}
