//! What is read, and what it costs.

use serde_json::{Value, json};

use super::{Stage, id};
use crate::providers::Provider;

#[tokio::test]
async fn everything_is_read_page_by_page() {
    let stage = Stage::start().await;
    let repo = stage.repo("large", 240, 130).await;
    let stored = stage.synced(&repo).await;
    assert_eq!(stored.entities.len(), 371);
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn more_than_a_page_of_the_same_second_is_read_by_githubs_links() {
    let stage = Stage::start().await;
    let repo = stage.repo("import", 0, 0).await;
    for n in 0..130 {
        let body = json!({ "title": format!("Imported {n}") });
        stage.control("POST", &format!("/repos/{}/issues", id(&repo)), body).await;
    }
    let mut stored = stage.synced(&repo).await;
    stage.assert_same(&stored, &repo).await;
    stage.change(&repo, 3, json!({ "state": "closed" })).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn a_quiet_run_costs_one_call() {
    let stage = Stage::start().await;
    let repo = stage.repo("quiet", 5, 2).await;
    let mut stored = stage.synced(&repo).await;
    // The first run behind a change learns GitHub's tag for it.
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.sync(&mut stored, &repo).await.expect("a run");
    assert_eq!((stored.units, stored.pages), (1, 1));
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn a_tag_is_not_shown_with_another_token() {
    let mut stage = Stage::start().await;
    let repo = stage.repo("tags", 2, 0).await;
    let mut stored = stage.synced(&repo).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.fakes.control("DELETE", "/calls", Value::Null).await;
    stage.caller.credentials = stage.github.refresh(&stage.caller.credentials).await.expect("a new token");
    stage.sync(&mut stored, &repo).await.expect("a run");
    let calls = stage
        .fakes
        .control("GET", &format!("/calls?provider=github&path=/repositories/{}", id(&repo)), Value::Null)
        .await;
    let calls = calls.as_array().expect("calls");
    assert!(!calls.is_empty() && calls.iter().all(|call| call["conditional"] == false), "{calls:?}");
}

#[tokio::test]
async fn changes_of_every_kind_show_after_one_run() {
    let stage = Stage::start().await;
    let (repo, other) = (stage.repo("changing", 20, 10).await, stage.repo("other", 1, 0).await);
    let (mut stored, mut stored_other) = (stage.synced(&repo).await, stage.synced(&other).await);
    let numbers = |kind: &str| -> Vec<u64> {
        let of_kind = stored.entities.keys().filter(|(known, _)| known == kind);
        of_kind.filter_map(|(_, number)| number.parse().ok()).collect()
    };
    let (issues, pulls) = (numbers("issue"), numbers("pull_request"));
    stage.change(&repo, issues[0], json!({ "title": "New words", "labels": ["a", "b"] })).await;
    stage.change(&repo, issues[1], json!({ "state": "closed" })).await;
    stage.change(&repo, pulls[0], json!({ "merged": true })).await;
    stage.delete(&repo, issues[2]).await;
    let to = json!({ "to": id(&other) });
    stage.control("POST", &format!("/repos/{}/issues/{}/transfer", id(&repo), issues[3]), to).await;
    stage.control("POST", &format!("/repos/{}/issues", id(&repo)), json!({ "title": "Brand new" })).await;
    stage.control("POST", &format!("/repos/{}/issues", id(&repo)), json!({ "title": "New pull", "pull": true })).await;
    stage.edit_repo(&repo, json!({ "name": "renamed", "description": "Other words" })).await;
    for (stored, repo) in [(&mut stored, &repo), (&mut stored_other, &other)] {
        stage.sync(stored, repo).await.expect("a run");
        stage.assert_same(stored, repo).await;
    }
}

#[tokio::test]
async fn a_repository_that_moves_to_another_owner_is_the_same() {
    let stage = Stage::start().await;
    let repo = stage.repo("moving", 3, 1).await;
    let mut stored = stage.synced(&repo).await;
    stage
        .edit_repo(&repo, json!({ "owner": "mona-lisa", "name": "moved", "members": ["mona-lisa", "octo-dev"] }))
        .await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn changes_between_pages_are_neither_lost_nor_skipped() {
    let stage = Stage::start().await;
    let repo = stage.repo("busy", 450, 120).await;
    let mut stored = super::Stored::default();
    let mut number = 1;
    while !stored.page(&stage.github, &stage.caller, &repo).await.expect("a page") {
        if number > 450 {
            continue;
        }
        // Moves what was at the head of the list to its end, under the reader's feet.
        for _ in 0..7 {
            stage.change(&repo, number, json!({ "title": format!("Changed {number}") })).await;
            number += 11;
        }
        stage.delete(&repo, number).await;
        number += 1;
    }
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn a_page_that_is_read_twice_does_no_harm() {
    let stage = Stage::start().await;
    let repo = stage.repo("twice", 150, 150).await;
    let mut stored = super::Stored::default();
    loop {
        let before = stored.state.clone();
        // The worker died after the entities were written and before the cursor was.
        stored.page(&stage.github, &stage.caller, &repo).await.expect("a page");
        if before.is_some() {
            stored.state = before;
        }
        if stored.page(&stage.github, &stage.caller, &repo).await.expect("a page") {
            break;
        }
    }
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn history_can_be_left_out_and_what_is_old_shows_when_it_changes() {
    let mut stage = Stage::start().await;
    let mut repo = stage.repo("old", 0, 0).await;
    for n in 0..6 {
        stage.control("POST", &format!("/repos/{}/issues", id(&repo)), json!({ "title": format!("Old {n}") })).await;
    }
    // The fake's clock goes ahead, ours does not: two days are left out by asking for none.
    repo.params = json!({ "history_days": -1 });
    let mut stored = stage.synced(&repo).await;
    assert_eq!(stored.entities.len(), 1, "the repository itself");
    stage.fakes.control("POST", "/clock", json!({ "advance_s": 2 * 86_400 })).await;
    stage.caller.credentials = stage.github.refresh(&stage.caller.credentials).await.expect("a new token");
    stage.change(&repo, 2, json!({ "title": "Now it shows" })).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    assert!(stored.entities.contains_key(&("issue".into(), "2".into())), "{:?}", stored.entities.keys());
    assert_eq!(stored.entities.len(), 2);
    stage.delete(&repo, 2).await;
    stage.delete(&repo, 3).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    assert_eq!(stored.entities.len(), 1);
}
