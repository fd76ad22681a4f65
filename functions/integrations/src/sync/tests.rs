use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;

use domain::integration::Connection;
use domain::search::Query;
use domain::sync::{Reason, RunStatus};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::*;
use crate::testing::{World, later};

async fn filled(things: u32) -> World {
    let world = World::new().await;
    for id in 0..things {
        world.toy.shop().set(id, &format!("thing {id}"));
    }
    world
}

#[tokio::test]
async fn what_the_service_holds_is_stored_and_follows_every_change() {
    let world = filled(23).await;
    world.sync(Reason::Connected).await;
    assert_eq!(world.stored().await, world.held());
    world.toy.shop().set(3, "changed");
    world.toy.shop().set(99, "new");
    world.toy.shop().delete(7);
    world.sync(Reason::Manual).await;
    assert_eq!(world.stored().await, world.held());
    let cursor = world.cursor().await.unwrap();
    let run = cursor.walk.run.unwrap();
    assert_eq!((run.status, run.full, run.records_synced, run.records_deleted), (RunStatus::Completed, false, 2, 1));
    let (logs, _) = world.deps.store.runs(cursor.owner, cursor.integration_id, None, 10).await.unwrap();
    assert_eq!((logs.len(), &logs[0]), (2, &run));
    let query = Query::new("chang", None, None, None);
    let found = world.deps.store.search(cursor.owner, &query, None, None, None, 10).await.unwrap().0;
    assert_eq!(found.iter().map(|entity| entity.external_id.as_str()).collect::<Vec<_>>(), ["3"]);
}

#[tokio::test]
async fn a_repeated_event_reads_nothing_again() {
    let world = filled(3).await;
    world.sync(Reason::Connected).await;
    let before = world.cursor().await.unwrap();
    world.run("box", Reason::Connected).await;
    assert_eq!(world.cursor().await.unwrap().walk, before.walk);
}

/// Runs until done or until it was polled so often; whether it is done.
async fn until_killed(polls: usize, work: impl Future<Output = Result<Value, WorkError>>) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|done| done.is_ok())
    })
    .await
}

/// Workers die wherever they happen to wait, and things change meanwhile.
#[tokio::test]
async fn a_worker_killed_anywhere_repeats_a_page_and_never_skips_one() {
    for seed in 0..6 {
        let mut random = StdRng::seed_from_u64(seed);
        let world = filled(17).await;
        world.deps.store.plan_cursor(world.integration.owner, world.integration.id, &planned()).await.unwrap();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let event = json!({
                "detail-type": SyncRequested::DETAIL_TYPE,
                "detail": world.request(Some("box"), Reason::Schedule),
            });
            let event = serde_json::from_value(event).unwrap();
            // The lease of the one before has lapsed.
            let work = handle(&world.deps, event, later(1_000 * attempt));
            let patience = if attempt < 40 { random.random_range(1..120) } else { usize::MAX };
            if until_killed(patience, work).await && done(&world).await {
                break;
            }
            if attempt < 20 {
                let id = random.random_range(0..25);
                match random.random_bool(0.3) {
                    true => world.toy.shop().delete(id),
                    false => world.toy.shop().set(id, &format!("{seed} {attempt}")),
                }
                world.deps.store.ask_cursor(world.integration.owner, world.integration.id, "box").await.unwrap();
            }
            if attempt == 60 {
                // Whoever reads on from a log that was forgotten has to begin anew.
                world.toy.shop().forget_log();
            }
        }
        assert_eq!(world.stored().await, world.held(), "seed {seed}, {attempt} workers");
    }
}

async fn done(world: &World) -> bool {
    let cursor = world.cursor().await.unwrap();
    cursor.asked == cursor.walk.done
}

fn planned() -> store::PlannedResource {
    store::PlannedResource {
        resource: "box".into(),
        name: "box".into(),
        params: json!({ "days": null }),
        routes: Vec::new(),
    }
}

#[tokio::test]
async fn a_cursor_that_is_refused_leads_to_a_new_generation_without_what_is_gone() {
    let world = filled(8).await;
    world.sync(Reason::Connected).await;
    world.toy.shop().delete(2);
    for id in 0..3 {
        world.toy.shop().set(100 + id, "more");
    }
    world.toy.shop().forget_log();
    world.sync(Reason::Manual).await;
    assert_eq!(world.stored().await, world.held());
    assert_eq!(world.cursor().await.unwrap().walk.generation, 2);
}

#[tokio::test]
async fn readers_keep_the_old_state_until_the_new_generation_is_complete() {
    let world = filled(12).await;
    world.sync(Reason::Connected).await;
    world.toy.shop().forget_log();
    world.toy.shop().set(1, "changed");
    world.toy.shop().forget_log();
    let held = world.held();
    // The second page of the new generation fails.
    world.toy.shop().failures = vec![Failure::retry("busy")];
    world.sync(Reason::Manual).await;
    assert_eq!(world.stored().await.len(), held.len());
    let problem = world.cursor().await.unwrap().walk.problem.unwrap();
    assert_eq!((problem.class, problem.message.as_str()), (ErrorClass::Retry, "busy"));
    assert!(problem.retry_at > Some(problem.at));
    world.run("box", Reason::Manual).await;
    assert_eq!((world.stored().await, world.cursor().await.unwrap().walk.problem), (held, None));
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_a_lost_grant_asks_for_the_owner() {
    let world = filled(3).await;
    crate::credentials::keep(&world.deps, &world.integration, &crate::testing::credentials(1, None)).await.unwrap();
    world.sync(Reason::Connected).await;
    world.toy.shop().failures = vec![Failure::unauthorized("expired")];
    world.sync(Reason::Manual).await;
    assert_eq!(world.toy.refreshed.load(Ordering::SeqCst), 1);
    assert_eq!(world.cursor().await.unwrap().walk.problem, None);
    // The service forgets us: the token that we have is not accepted, nor is its renewal.
    world.toy.shop().token = 50;
    world.sync(Reason::Manual).await;
    let integration = world.integration().await.unwrap();
    assert_eq!(integration.connection, Connection::NeedsReauth);
    assert_eq!(integration.problem.unwrap().class, ErrorClass::Reauth);
    assert_eq!(world.stored().await, world.held());
}

#[tokio::test]
async fn a_resource_that_is_no_longer_there_is_deleted_and_one_that_comes_back_is_read_again() {
    let world = filled(6).await;
    world.sync(Reason::Connected).await;
    world.toy.shop().failures = vec![Failure::gone("the box is out of sight")];
    world.sync(Reason::Manual).await;
    assert!(world.stored().await.is_empty());
    world.run("box", Reason::Manual).await;
    assert_eq!(world.stored().await, world.held());
    world.toy.shop().resources.clear();
    world.sync(Reason::Schedule).await;
    world.sync(Reason::Manual).await;
    assert!(world.stored().await.is_empty() && world.cursor().await.is_none());
    world.toy.shop().resources = vec!["box".into()];
    world.sync(Reason::Manual).await;
    assert_eq!(world.stored().await, world.held());
}

#[tokio::test]
async fn another_configuration_reads_from_scratch() {
    let world = filled(4).await;
    world.sync(Reason::Connected).await;
    let config = json!({ "days": 7 }).as_object().cloned().unwrap();
    let configured = world.integration().await.unwrap().configure(config, domain::session::Policy::Deny, web::now());
    assert!(world.deps.store.change_integration(&configured).await.unwrap());
    world.sync(Reason::Connected).await;
    assert_eq!(world.cursor().await.unwrap().walk.generation, 2);
    assert_eq!(world.stored().await, world.held());
}

#[tokio::test]
async fn a_disconnected_integration_leaves_nothing_and_takes_its_grant_back() {
    let world = filled(12).await;
    world.sync(Reason::Connected).await;
    let leaving = world.integration().await.unwrap().disconnect(web::now());
    assert!(world.deps.store.change_integration(&leaving).await.unwrap());
    let request = DisconnectRequested { user_id: leaving.owner, integration_id: leaving.id };
    let event = json!({ "detail-type": DisconnectRequested::DETAIL_TYPE, "detail": request });
    for _ in 0..2 {
        handle(&world.deps, serde_json::from_value(event.clone()).unwrap(), web::now()).await.unwrap();
    }
    assert_eq!(world.toy.revoked.load(Ordering::SeqCst), 1);
    assert!(world.integration().await.is_none() && world.cursor().await.is_none());
    assert!(world.stored().await.is_empty());
    let store = &world.deps.store;
    assert!(store.credentials(leaving.owner, leaving.id).await.unwrap().is_none());
    assert_eq!(store.due_integrations().await.unwrap(), []);
    assert_eq!(store.runs(leaving.owner, leaving.id, None, 10).await.unwrap().0, []);
    let query = Query::new("thing", None, None, None);
    assert_eq!(store.search(leaving.owner, &query, None, None, None, 10).await.unwrap().0, []);
}

#[tokio::test]
async fn the_schedule_finds_what_a_dead_worker_left() {
    let world = filled(3).await;
    world.sync(Reason::Connected).await;
    world.toy.shop().set(9, "new");
    let (owner, id) = (world.integration.owner, world.integration.id);
    world.deps.store.ask_cursor(owner, id, "box").await.unwrap();
    // A worker takes the lease and is never heard of again.
    world.deps.store.take_cursor(owner, id, "box", web::now()).await.unwrap().unwrap();
    let cursors = world.deps.store.cursors(owner, id).await.unwrap();
    let integration = world.integration().await.unwrap();
    let late = later(domain::limits::SYNC_LEASE_SECONDS + 1);
    assert_eq!(domain::sync::look(&integration, &cursors, web::now()).run, Vec::<String>::new());
    assert_eq!(domain::sync::look(&integration, &cursors, late).run, ["box"]);
    let event =
        json!({ "detail-type": SyncRequested::DETAIL_TYPE, "detail": world.request(Some("box"), Reason::Schedule) });
    handle(&world.deps, serde_json::from_value(event).unwrap(), late).await.unwrap();
    assert_eq!(world.stored().await, world.held());
}
