//! The archive: what ended turns left in the log, read again at little cost.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::*;
use crate::item::s;
use crate::keys;

/// So many batches of text, as a runner sends them.
async fn talk(store: &Store, session: &Session, batches: u64, bytes: usize) -> u64 {
    let mut head = store.last_seq(session.owner, session.id).await.unwrap();
    let begun = store.last_batch(session, 1).await.unwrap();
    for batch in begun + 1..=begun + batches {
        let texts = [format!("{batch}."), "x".repeat(bytes)];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let seconds = i64::try_from(batch).unwrap();
        let put = store.append(session.owner, session.id, runner(1, batch), head, deltas(&texts), at(seconds)).await;
        head = put.unwrap().head;
    }
    head
}

/// Keys of the session's items under a prefix, and the read units of getting them all.
async fn items(store: &Store, session: &Session, prefix: &str) -> (Vec<String>, f64) {
    let (mut keys, mut units, mut start) = (Vec::new(), 0.0, None);
    loop {
        let page = store
            .db
            .query()
            .table_name(&store.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::session_partition(session.owner, session.id)))
            .expression_attribute_values(":prefix", s(prefix))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .set_exclusive_start_key(start)
            .send()
            .await
            .unwrap();
        units += page.consumed_capacity().and_then(|capacity| capacity.capacity_units()).unwrap();
        keys.extend(page.items().iter().map(|item| item["sk"].as_s().unwrap().clone()));
        start = page.last_evaluated_key;
        if start.is_none() {
            return (keys, units);
        }
    }
}

async fn delete_log(store: &Store, session: &Session) {
    for key in items(store, session, keys::EVENT_PREFIX).await.0 {
        let first = key[keys::EVENT_PREFIX.len()..].parse().unwrap();
        store.delete(keys::event(session.owner, session.id, first)).await.unwrap();
    }
}

#[tokio::test]
async fn an_archived_log_reads_the_same_from_every_place() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let end = talk(&store, &session, 40, 20_000).await;
    assert_eq!(store.archive(owner, id, end).await.unwrap(), end);
    let head = talk(&store, &session, 3, 1).await;
    let whole = whole_log(&store, &session).await;
    assert!(items(&store, &session, keys::ARCHIVE_PREFIX).await.0.len() > 2, "one stretch would show little");
    for after in 0..=head {
        let mut log = LogReader::new(owner, id, after);
        let mut read = Vec::new();
        loop {
            match log.read(&store).await.unwrap() {
                more if more.is_empty() => break,
                more => read.extend(more),
            }
        }
        assert_eq!(read, whole[usize::try_from(after).unwrap()..], "behind {after}");
    }

    // What stands there alone is what was read before, not the log beside it.
    let mut log = LogReader::new(owner, id, 0);
    delete_log(&store, &session).await;
    let mut read = Vec::new();
    while log.after() < end {
        read.extend(log.read(&store).await.unwrap());
    }
    assert_eq!(read, whole[..usize::try_from(end).unwrap()]);
}

#[tokio::test]
async fn a_minutes_turn_is_replayed_at_a_fraction_of_its_cost() {
    let store = store().await;
    let session = new_session(&store).await;
    // Four batches a second, as a watched turn sends them.
    let end = talk(&store, &session, 240, 25).await;
    store.archive(session.owner, session.id, end).await.unwrap();
    let (batches, before) = items(&store, &session, keys::EVENT_PREFIX).await;
    let (archived, after) = items(&store, &session, keys::ARCHIVE_PREFIX).await;
    assert_eq!((batches.len(), archived.len()), (240, 1));
    assert!(after * 10.0 < before, "{after} units instead of {before}");
}

#[tokio::test]
async fn archiving_goes_on_where_it_ended_and_twice_at_once_leaves_no_hole() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let first = talk(&store, &session, 10, 10).await;
    // Cut off: only a part was put by.
    assert_eq!(store.archive(owner, id, first / 2).await.unwrap(), first / 2);
    let end = talk(&store, &session, 40, 20_000).await;
    let both = join_all((0..4).map(|n| store.archive(owner, id, if n == 0 { first } else { end }))).await;
    assert!(both.iter().all(|done| done.as_ref().is_ok_and(|reached| *reached <= end)), "{both:?}");
    assert_eq!(store.archive(owner, id, end).await.unwrap(), end);
    let stretches = items(&store, &session, keys::ARCHIVE_PREFIX).await.0;
    assert_eq!(store.archive(owner, id, end).await.unwrap(), end);
    assert_eq!(items(&store, &session, keys::ARCHIVE_PREFIX).await.0, stretches, "nothing new");

    delete_log(&store, &session).await;
    let mut log = LogReader::new(owner, id, 0);
    let mut seqs = Vec::new();
    while log.after() < end {
        seqs.extend(log.read(&store).await.unwrap().iter().map(|event| event.seq));
    }
    assert_eq!(seqs, (1..=end).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_late_repeat_and_a_runner_of_the_past_find_their_places_taken() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let end = talk(&store, &session, 10, 10).await;
    let taken_over = store.append(owner, id, Writer::Relay { epoch: 2 }, end, deltas(&["new"]), at(11)).await;
    store.archive(owner, id, taken_over.unwrap().head).await.unwrap();
    let before = whole_log(&store, &session).await;

    let again = store.append(owner, id, runner(1, 5), 8, deltas(&["5.", "again"]), at(99)).await.unwrap();
    assert_eq!((again.events.len(), again.head), (0, 10));
    let stale = store.append(owner, id, runner(1, 11), 4, deltas(&["zombie"]), at(99)).await;
    assert!(matches!(stale, Err(AppendError::Fenced)));
    assert_eq!(whole_log(&store, &session).await, before);
}

#[tokio::test]
async fn what_was_put_by_and_what_was_not_read_as_one_after_a_time_out() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let end = talk(&store, &session, 4, 10).await;
    store.archive(owner, id, end).await.unwrap();
    store.delete(keys::archive(owner, id, 1)).await.unwrap();
    assert_eq!(whole_log(&store, &session).await.len(), 8, "the log has it still");

    // All is long gone but the last two batches; the archive begins with them.
    for first in [1, 3] {
        store.delete(keys::event(owner, id, first)).await.unwrap();
    }
    store.archive(owner, id, end).await.unwrap();
    assert!(matches!(LogReader::new(owner, id, 0).read(&store).await, Err(ReadError::Expired { after: 0 })));
    assert_eq!(LogReader::new(owner, id, 4).read(&store).await.unwrap().len(), 4);
}
