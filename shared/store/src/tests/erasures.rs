//! Whatever a user has goes, and nothing of anybody else's.

use super::*;

/// A session of each, with a turn, a ticket, a socket and a token.
async fn settle_in(store: &Store) -> UserId {
    let session = new_session(store).await;
    let change = session.submit(&prompt(&session), at(1)).unwrap();
    store.commit(commit(&change, 0)).await.unwrap();
    let ticket = Ticket { principal: token_of(session.owner), session: session.id, expires_at: at(60) };
    store.put_ticket(&BearerToken::mint_ticket().hash(), &ticket).await.unwrap();
    let connection =
        Connection { owner: session.owner, session: session.id, peer: viewer(session.owner), connected_at: at(0) };
    store.put_connection(&session.id.to_string(), &connection).await.unwrap();
    store.record(&bounds::deed(session.owner, "x")).await.unwrap();
    session.owner
}

async fn erase(store: &Store, user: UserId) -> u64 {
    let (mut count, mut place) = (0, None);
    loop {
        let (items, next) = store.erase_items(user, place).await.unwrap();
        count += items;
        place = next;
        if place.is_none() {
            return count;
        }
    }
}

async fn items(store: &Store) -> Vec<String> {
    let page = store.db.scan().table_name(&store.table).send().await.unwrap();
    let mut items: Vec<String> = page.items().iter().map(|item| format!("{item:?}")).collect();
    items.sort();
    items
}

#[tokio::test]
async fn nothing_that_names_the_user_stays_and_nothing_else_goes() {
    let store = store().await;
    let (user, other) = (settle_in(&store).await, settle_in(&store).await);
    // What others say of the user is theirs.
    let deed = bounds::deed(other, &user.to_string());
    store.record(&deed).await.unwrap();
    let theirs = items(&store).await.iter().filter(|item| !item.contains(&other.to_string())).count() as u64;

    assert_eq!(erase(&store, user).await, theirs);
    let left = items(&store).await;
    assert!(left.iter().all(|item| item.contains(&other.to_string())), "{left:#?}");
    assert_eq!(erase(&store, user).await, 0, "a repeat finds nothing");
    assert_eq!(store.audit_records(other, None, false, 10).await.unwrap()[1].deed, deed);
}

#[tokio::test]
async fn a_deletion_is_noted_once_and_leaves_no_id_behind() {
    use domain::account::{Erasure, ErasureReceipt, ErasureStep};
    let store = store().await;
    let user = UserId::mint(at(0));
    let begun = Erasure { user, requested_at: at(0), step: ErasureStep::Close, items: 0, objects: 0 };
    store.begin_erasure(&begun).await.unwrap();
    let going_on = Erasure { step: ErasureStep::Objects { last: false }, items: 3, ..begun.clone() };
    store.put_erasure(&going_on).await.unwrap();
    store.begin_erasure(&begun).await.unwrap();
    assert_eq!(store.erasures().await.unwrap(), [going_on], "asking again begins nothing anew");
    assert_eq!(erase(&store, user).await, 0, "the job does not delete itself");

    let receipt = ErasureReceipt { requested_at: at(0), finished_at: at(9), items: 3, objects: 1 };
    store.finish_erasure(user, &receipt).await.unwrap();
    assert!(items(&store).await.iter().all(|item| !item.contains(&user.to_string())));
    assert_eq!(items(&store).await.len(), 1);
}
