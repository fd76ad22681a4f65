//! An action is begun once, until it is refused or forgotten.

use serde_json::json;

use super::*;

#[tokio::test]
async fn whoever_begins_an_action_again_is_told_of_the_first() {
    let (store, owner) = (store().await, UserId::mint(at(0)));
    assert_eq!(store.begin_action(owner, "k", at(0)).await.unwrap(), None);
    let begun = ActionRecord { begun_at: at(0), outcome: None };
    assert_eq!(store.begin_action(owner, "k", at(5)).await.unwrap(), Some(begun.clone()));
    assert_eq!(store.begin_action(UserId::mint(at(1)), "k", at(5)).await.unwrap(), None, "another user's is another");
    let done = ActionRecord { outcome: Some(json!({ "id": 7 })), ..begun };
    store.end_action(owner, "k", &done).await.unwrap();
    assert_eq!(store.begin_action(owner, "k", at(6)).await.unwrap(), Some(done));
    let a_day_later = at(24 * 3_600 + 1);
    assert_eq!(store.action(owner, "k", a_day_later).await.unwrap(), None);
    assert_eq!(store.begin_action(owner, "k", a_day_later).await.unwrap(), None, "what is forgotten may begin");
    store.forget_action(owner, "k").await.unwrap();
    assert_eq!(store.begin_action(owner, "k", a_day_later).await.unwrap(), None, "so may what was refused");
}
