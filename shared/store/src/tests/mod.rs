//! The store on the embedded DynamoDB: the real conditions, not a double of them.

use std::collections::HashMap;

use domain::event::{Entry, EventBody};
use domain::message::{Message, MessageStatus};
use domain::session::{NewSession, Outcome, Prompt};
use domain::{Actor, BearerToken, Event, MessageId, Part, Principal, Scopes, Session, SessionId, TokenId, UserId};
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::testing::store;
use crate::*;

mod accounts;
mod actions;
mod archive;
mod bounds;
mod conditions;
mod entities;
mod erasures;
mod files;
mod integrations;
mod race;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn token_of(user_id: UserId) -> Principal {
    Principal { user_id, actor: Actor::Token(TokenId::mint(at(0))), scopes: Scopes::all(), expires_at: None }
}

fn viewer(user_id: UserId) -> Peer {
    let Principal { actor, scopes, .. } = token_of(user_id);
    Peer::Viewer { actor, scopes, expires_at: None }
}

async fn new_session(store: &Store) -> Session {
    let session = Session::new(UserId::mint(at(0)), NewSession::default(), at(0));
    store.create_session(&session, None, at(0)).await.unwrap();
    session
}

fn prompt(session: &Session) -> Prompt {
    Prompt {
        traceparent: None,
        turn: session.next_turn,
        message_id: MessageId::mint(at(0)),
        answer_id: MessageId::mint(at(0)),
        content: format!("prompt {}", session.next_turn),
        attachments: Vec::new(),
        created_at: at(0),
    }
}

fn commit<'a>(change: &'a domain::session::Change, head: u64) -> Commit<'a> {
    Commit { change, head, leading: Vec::new(), batch: 0, idempotency: None, now: at(1) }
}

fn delta(text: &str) -> Entry {
    let message_id = "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    EventBody::TextDelta { message_id, part_id: "prt_1".into(), delta: text.into() }.in_turn(1)
}

fn deltas(texts: &[&str]) -> Vec<Entry> {
    texts.iter().map(|text| delta(text)).collect()
}

fn runner(epoch: u64, batch: u64) -> Writer {
    Writer::Runner { epoch, batch }
}

async fn whole_log(store: &Store, session: &Session) -> Vec<Event> {
    let mut log = LogReader::new(session.owner, session.id, 0);
    let mut events = Vec::new();
    loop {
        let read = log.read(store).await.unwrap();
        if read.is_empty() {
            return events;
        }
        events.extend(read);
    }
}

fn texts(events: &[Event]) -> Vec<(u64, &str)> {
    events
        .iter()
        .map(|event| match &event.entry.body {
            EventBody::TextDelta { delta, .. } => (event.seq, delta.as_str()),
            other => (event.seq, other.name()),
        })
        .collect()
}

#[tokio::test]
async fn another_tenants_session_does_not_resolve() {
    let store = store().await;
    let session = new_session(&store).await;
    assert_eq!(store.session(session.owner, session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(store.session(UserId::mint(at(0)), session.id).await.unwrap(), None);
    assert_eq!(store.sessions(UserId::mint(at(0)), None, 10).await.unwrap(), (Vec::new(), false));
}

#[tokio::test]
async fn pages_cover_all_sessions_newest_first_each_once() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    for n in 0..5 {
        store.create_session(&Session::new(owner, NewSession::default(), at(n)), None, at(n)).await.unwrap();
    }
    let (mut ids, mut after): (Vec<SessionId>, _) = (Vec::new(), None);
    loop {
        let (page, more) = store.sessions(owner, after, 2).await.unwrap();
        ids.extend(page.iter().map(|s| s.id));
        after = ids.last().copied();
        if !more {
            break;
        }
    }
    let mut sorted = ids.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!((ids.len(), ids), (5, sorted));
}

#[tokio::test]
async fn of_two_changes_on_one_reading_one_is_written_whole_and_the_other_not_at_all() {
    let store = store().await;
    let session = new_session(&store).await;
    let (one, two) = (prompt(&session), prompt(&session));
    let first = session.submit(&one, at(1)).unwrap();
    let second = session.submit(&two, at(1)).unwrap();
    store.commit(commit(&first, 0)).await.unwrap();
    assert!(matches!(store.commit(commit(&second, 0)).await, Err(CommitError::Raced)));
    let (messages, _) = store.messages(session.owner, session.id, None, false, 10).await.unwrap();
    assert_eq!(messages.iter().map(|m| m.id).collect::<Vec<_>>(), [one.message_id]);
    assert_eq!(whole_log(&store, &session).await.len(), first.entries.len());
}

#[tokio::test]
async fn a_change_whose_place_in_the_log_is_taken_is_not_written() {
    let store = store().await;
    let session = new_session(&store).await;
    store.append(session.owner, session.id, Writer::Relay { epoch: 0 }, 0, deltas(&["x"]), at(1)).await.unwrap();
    let change = session.submit(&prompt(&session), at(1)).unwrap();
    assert!(matches!(store.commit(commit(&change, 0)).await, Err(CommitError::Raced)));
    assert_eq!(store.session(session.owner, session.id).await.unwrap().unwrap().rev, session.rev);
    assert_eq!(store.commit(commit(&change, 1)).await.unwrap().events[0].seq, 2);
}

#[tokio::test]
async fn an_idempotency_key_writes_once_and_remembers_its_answer() {
    let store = store().await;
    let session = new_session(&store).await;
    let request = Idempotency::new("c-1".into(), b"hello");
    let first = prompt(&session);
    let change = session.submit(&first, at(1)).unwrap();
    store.commit(Commit { idempotency: Some(&request), ..commit(&change, 0) }).await.unwrap();

    let (now, head) = store.session_and_head(session.owner, session.id).await.unwrap().unwrap();
    let again = now.submit(&prompt(&now), at(2)).unwrap();
    let repeated = store.commit(Commit { idempotency: Some(&request), ..commit(&again, head) }).await;
    assert!(matches!(repeated, Err(CommitError::Repeated)));
    let answer = store.first_answer(session.owner, session.id, "c-1").await.unwrap().unwrap();
    assert_eq!((answer.turn, answer.answer_id, answer.after), (1, first.answer_id, 0));
    assert!(answer.answers(&request) && !answer.answers(&Idempotency::new("c-1".into(), b"other")));
}

#[tokio::test]
async fn creating_a_session_twice_under_one_key_makes_one() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let new = || Session::new(owner, NewSession::default(), at(0));
    let (first, request) = (new(), Idempotency::new("k".into(), b"body"));
    assert_eq!(store.create_session(&first, Some(&request), at(0)).await.unwrap(), Created::New);
    assert_eq!(store.create_session(&new(), Some(&request), at(1)).await.unwrap(), Created::Before(first.id));
    let other = Idempotency::new("k".into(), b"another body");
    assert_eq!(store.create_session(&new(), Some(&other), at(1)).await.unwrap(), Created::Conflict);
    let (sessions, _) = store.sessions(owner, None, 10).await.unwrap();
    assert_eq!(sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [first.id]);
}

#[tokio::test]
async fn a_batch_sent_twice_stands_in_the_log_once() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let first = store.append(owner, id, runner(1, 1), 0, deltas(&["a", "b"]), at(1)).await.unwrap();
    let again = store.append(owner, id, runner(1, 1), 0, deltas(&["a", "b"]), at(2)).await.unwrap();
    assert_eq!((first.head, first.events.len(), first.raced), (2, 2, false));
    assert_eq!((again.head, again.events.len()), (2, 0));
    assert_eq!(texts(&whole_log(&store, &session).await), [(1, "a"), (2, "b")]);
}

#[tokio::test]
async fn a_batch_comes_behind_what_others_wrote_and_says_so() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    store.append(owner, id, runner(1, 1), 0, deltas(&["a"]), at(1)).await.unwrap();
    store.append(owner, id, Writer::Relay { epoch: 1 }, 1, deltas(&["x", "y"]), at(1)).await.unwrap();
    let late = store.append(owner, id, runner(1, 2), 1, deltas(&["b"]), at(1)).await.unwrap();
    assert_eq!((late.head, late.raced), (4, true));
    assert_eq!(texts(&whole_log(&store, &session).await), [(1, "a"), (2, "x"), (3, "y"), (4, "b")]);
    assert_eq!(store.last_batch(&session, 1).await.unwrap(), 2);
}

#[tokio::test]
async fn a_newer_epoch_in_the_log_fences_the_older_runner() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    store.append(owner, id, runner(1, 1), 0, deltas(&["a"]), at(1)).await.unwrap();
    store.append(owner, id, Writer::Relay { epoch: 2 }, 1, deltas(&["new epoch"]), at(1)).await.unwrap();
    let stale = store.append(owner, id, runner(1, 2), 1, deltas(&["zombie"]), at(1)).await;
    assert!(matches!(stale, Err(AppendError::Fenced)));
    assert_eq!(whole_log(&store, &session).await.len(), 2);
}

#[tokio::test]
async fn nothing_is_written_behind_the_end_of_a_session_by_whoever_has_not_seen_it() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let change = session.terminate(Vec::new(), at(1)).unwrap();
    let commit = Commit { change: &change, head: 0, leading: Vec::new(), batch: 0, idempotency: None, now: at(1) };
    store.commit(commit).await.unwrap();
    let mark = store.append(owner, id, Writer::Relay { epoch: session.epoch }, 0, deltas(&["mark"]), at(2)).await;
    assert!(matches!(mark, Err(AppendError::Fenced)));
    assert_eq!(whole_log(&store, &session).await.len(), 1);
}

#[tokio::test]
async fn many_writers_at_once_leave_no_gap_and_no_repeat() {
    let store = store().await;
    let session = new_session(&store).await;
    let writes = (0..24).map(|n| {
        let (store, text) = (store.clone(), n.to_string());
        async move {
            let writer = Writer::Relay { epoch: 0 };
            store.append(session.owner, session.id, writer, 0, deltas(&[&text, &text]), at(1)).await.unwrap()
        }
    });
    let heads: Vec<u64> = join_all(writes).await.into_iter().map(|done| done.head).collect();
    let log = whole_log(&store, &session).await;
    assert_eq!(log.iter().map(|e| e.seq).collect::<Vec<_>>(), (1..=48).collect::<Vec<_>>());
    assert_eq!(heads.iter().max(), Some(&48));
    let mut said: HashMap<String, usize> = HashMap::new();
    for (_, text) in texts(&log) {
        *said.entry(text.to_owned()).or_default() += 1;
    }
    assert!(said.len() == 24 && said.values().all(|times| *times == 2));
}

#[tokio::test]
async fn a_reader_may_begin_inside_a_batch() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    store.append(owner, id, runner(1, 1), 0, deltas(&["a", "b", "c"]), at(1)).await.unwrap();
    store.append(owner, id, runner(1, 2), 3, deltas(&["d"]), at(1)).await.unwrap();
    for after in 0..=4_u64 {
        let mut log = LogReader::new(owner, id, after);
        let seqs: Vec<u64> = log.read(&store).await.unwrap().iter().map(|e| e.seq).collect();
        assert_eq!(seqs, (after + 1..=4).collect::<Vec<_>>());
        assert_eq!(log.read(&store).await.unwrap(), []);
    }
    let event = store.event(owner, id, 2).await.unwrap().unwrap();
    assert_eq!(texts(&[event]), [(2, "b")]);
    assert_eq!(store.event(owner, id, 5).await.unwrap(), None);
}

#[tokio::test]
async fn a_reader_behind_what_is_kept_is_told_so() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    store.append(owner, id, runner(1, 2), 10, deltas(&["k"]), at(1)).await.unwrap();
    let expired = LogReader::new(owner, id, 4).read(&store).await;
    assert!(matches!(expired, Err(ReadError::Expired { after: 4 })));
}

#[tokio::test]
async fn a_finished_turn_reads_the_same_live_later_and_as_history() {
    let store = store().await;
    let session = new_session(&store).await;
    let asked = prompt(&session);
    let change = session.submit(&asked, at(1)).unwrap();
    let head = store.commit(commit(&change, 0)).await.unwrap().head;
    let (session, _) = store.session_and_head(session.owner, session.id).await.unwrap().unwrap();

    let parts = vec![Part::Text { id: "prt_1".into(), text: "hello".into() }];
    let answer = Message::answer(asked.answer_id, session.id, 1, parts, at(2));
    let outcome = Outcome { turn: 1, status: MessageStatus::Completed, answer };
    let change = session.finish_turn(1, outcome, None, at(3)).unwrap().unwrap();
    let closing = Commit { leading: deltas(&["hello"]), batch: 7, ..commit(&change, head) };
    let live = store.commit(closing).await.unwrap().events;

    let mut log = LogReader::new(session.owner, session.id, head);
    assert_eq!(log.read(&store).await.unwrap(), live);
    let (messages, next) = store.messages(session.owner, session.id, None, false, 10).await.unwrap();
    assert_eq!((messages.len(), next), (2, None));
    assert!(messages.iter().all(|m| m.status == MessageStatus::Completed));
    let told = live.iter().find_map(|event| match &event.entry.body {
        EventBody::MessageCompleted { message } => Some(message),
        _ => None,
    });
    assert_eq!(told, Some(&messages[1]));
}

#[tokio::test]
async fn history_pages_keep_a_prompt_and_its_answer_together_whatever_was_asked_between() {
    let store = store().await;
    let mut session = new_session(&store).await;
    let first = prompt(&session);
    for n in 0..3 {
        let asked = if n == 0 { first.clone() } else { prompt(&session) };
        let change = session.submit(&asked, at(1)).unwrap();
        let (_, head) = store.session_and_head(session.owner, session.id).await.unwrap().unwrap();
        store.commit(commit(&change, head)).await.unwrap();
        session = store.session(session.owner, session.id).await.unwrap().unwrap();
    }
    let answer = Message::answer(first.answer_id, session.id, 1, Vec::new(), at(2));
    let outcome = Outcome { turn: 1, status: MessageStatus::Completed, answer };
    let next = store.prompt(session.owner, session.id, 2).await.unwrap();
    let change = session.finish_turn(1, outcome, next.as_ref(), at(3)).unwrap().unwrap();
    let (_, head) = store.session_and_head(session.owner, session.id).await.unwrap().unwrap();
    store.commit(commit(&change, head)).await.unwrap();

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.messages(session.owner, session.id, after, false, 1).await.unwrap();
        seen.extend(page.into_iter().map(|m| (m.turn, m.status)));
        after = next;
        if after.is_none() {
            break;
        }
    }
    use MessageStatus::{Completed, Queued, Running};
    assert_eq!(seen, [(1, Completed), (1, Completed), (2, Running), (3, Queued)]);
}

#[tokio::test]
async fn a_ticket_opens_once_and_only_in_time() {
    let store = store().await;
    let session = new_session(&store).await;
    let ticket = Ticket { principal: token_of(session.owner), session: session.id, expires_at: at(60) };
    let hash = BearerToken::mint_ticket().hash();
    store.put_ticket(&hash, &ticket).await.unwrap();
    assert_eq!(store.take_ticket(&hash, at(1)).await.unwrap(), Some(ticket.clone()));
    assert_eq!(store.take_ticket(&hash, at(1)).await.unwrap(), None);
    store.put_ticket(&hash, &ticket).await.unwrap();
    assert_eq!(store.take_ticket(&hash, at(60)).await.unwrap(), None);
}

#[tokio::test]
async fn a_viewer_is_new_once_and_forgotten_with_its_socket() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let connection = Connection { owner, session: id, peer: viewer(session.owner), connected_at: at(0) };
    store.put_connection("c1", &connection).await.unwrap();
    assert!(store.put_viewer(owner, id, "c1", at(0)).await.unwrap());
    assert!(!store.put_viewer(owner, id, "c1", at(1)).await.unwrap());
    assert_eq!(store.viewers(owner, id).await.unwrap(), ["c1"]);
    assert_eq!(store.connection("c1").await.unwrap(), Some(connection.clone()));
    assert!(store.remove_connection("c1", &connection).await.unwrap());
    assert!(!store.remove_connection("c1", &connection).await.unwrap());
    assert_eq!((store.viewers(owner, id).await.unwrap().len(), store.connection("c1").await.unwrap()), (0, None));
}

#[tokio::test]
async fn the_sweeper_finds_sessions_with_a_runner_and_does_not_forget_a_restarted_one() {
    let store = store().await;
    let session = new_session(&store).await;
    let change = session.submit(&prompt(&session), at(1)).unwrap();
    store.commit(commit(&change, 0)).await.unwrap();
    let here = LiveSession { owner: session.owner, session: session.id };
    assert_eq!(store.live_sessions().await.unwrap(), [here]);
    store.forget_live(&session).await.unwrap();
    assert_eq!(store.live_sessions().await.unwrap(), [here], "read before the start");
    store.forget_live(&change.session).await.unwrap();
    assert_eq!(store.live_sessions().await.unwrap(), []);
}

#[tokio::test]
async fn a_follower_counts_for_a_while_and_is_sent_nothing() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    assert!(store.watchers(owner, id, at(0)).await.unwrap().is_empty());
    store.put_follower(owner, id, at(0)).await.unwrap();
    let watchers = store.watchers(owner, id, at(1)).await.unwrap();
    assert_eq!(watchers, Watchers { sockets: Vec::new(), followed: true });
    assert!(store.watchers(owner, id, at(domain::limits::FOLLOWER_SECONDS)).await.unwrap().is_empty());
    store.put_viewer(owner, id, "c1", at(0)).await.unwrap();
    assert_eq!(store.viewers(owner, id).await.unwrap(), ["c1"]);
}
