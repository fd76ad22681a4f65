use serde_json::json;

use super::*;
use crate::Service;
use crate::integration::{Account, Config};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn cursor() -> Cursor {
    Cursor {
        owner: UserId::mint(at(0)),
        integration_id: IntegrationId::mint(at(0)),
        resource: "r".into(),
        name: "R".into(),
        params: json!({ "days": 30 }),
        routes: Vec::new(),
        subscription: None,
        removed: false,
        asked: 1,
        epoch: 1,
        lease_until: None,
        walk: Walk::default(),
    }
}

fn connected() -> Integration {
    let account = Account { id: "1".into(), name: "ana".into() };
    let new = Integration::new(UserId::mint(at(0)), Service::new("toy"), Config::new(), at(0));
    new.connect(account, Vec::new(), at(0)).planned(at(0))
}

#[test]
fn other_parameters_begin_a_new_generation_and_the_same_ones_do_not() {
    let mut cursor = cursor();
    cursor.begin(Reason::Connected, at(0));
    assert_eq!((cursor.walk.generation, cursor.walk.full), (1, true));
    cursor.turn_page(json!(1), 5, 0, 1);
    cursor.complete(1, at(1));
    cursor.begin(Reason::Schedule, at(2));
    assert_eq!((cursor.walk.generation, cursor.walk.full), (1, false));
    cursor.complete(1, at(3));
    cursor.params = json!({ "days": 60 });
    cursor.begin(Reason::Connected, at(4));
    assert_eq!((cursor.walk.generation, cursor.walk.full, cursor.walk.state.clone()), (2, true, None));
    assert!(cursor.walk.run.as_ref().is_some_and(|run| run.full));
}

#[test]
fn the_next_worker_goes_on_with_the_run_that_one_left() {
    let mut cursor = cursor();
    cursor.begin(Reason::Manual, at(0));
    cursor.turn_page(json!({ "page": 2 }), 5, 0, 1);
    let (run, walk) = (cursor.walk.run.clone(), cursor.walk.clone());
    cursor.begin(Reason::Schedule, at(9));
    assert_eq!((cursor.walk.run.clone(), cursor.walk), (run, walk));
}

#[test]
fn a_provider_that_keeps_refusing_its_cursors_is_not_hammered() {
    let mut cursor = cursor();
    cursor.begin(Reason::Connected, at(0));
    cursor.turn_page(json!(1), 5, 0, 1);
    // The first refusal, right after the first synchronisation, may be honest.
    assert_eq!(cursor.resync(at(60)), Ok(()));
    assert_eq!(cursor.resync(at(120)), Err(at(60 + 3_600)));
    assert_eq!(cursor.walk.generation, 2);
    assert_eq!(cursor.resync(at(60 + 3_600)), Ok(()));
}

#[test]
fn failures_back_off_to_the_interval_and_a_named_time_is_kept() {
    let minutes = |class, failures| (retry_at(class, failures, at(0)).as_second() - at(0).as_second()) / 60;
    let waits: Vec<_> = (1..=8).map(|failures| minutes(ErrorClass::Retry, failures)).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(minutes(ErrorClass::WaitUntil(at(600)), 3), 10);
    assert_eq!(minutes(ErrorClass::Permanent, 1), 60);
}

#[test]
fn a_look_runs_what_was_asked_for_and_what_a_dead_worker_left() {
    let integration = connected();
    let (mut asked, mut held, mut left, mut done) = (cursor(), cursor(), cursor(), cursor());
    asked.resource = "asked".into();
    held.lease_until = Some(at(200));
    left.resource = "left".into();
    left.lease_until = Some(at(50));
    done.walk.done = 1;
    let looked = look(&integration, &[asked, held, left, done], at(100));
    assert_eq!((looked.plan, looked.run), (false, vec!["asked".to_owned(), "left".to_owned()]));
    assert_eq!(looked.due_at, at(100 + limits::SYNC_LEASE_SECONDS));
}

#[test]
fn a_quiet_integration_is_planned_once_an_interval_give_or_take_a_quarter() {
    let integration = connected();
    let first = look(&integration, &[], at(0));
    let wait = (first.due_at.as_second() - at(0).as_second()) / 60;
    assert!(!first.plan && (45..=75).contains(&wait), "{wait}");
    assert!(look(&integration, &[], first.due_at).plan);
}

#[test]
fn a_failed_resource_waits_for_its_time_and_nothing_runs_without_a_grant() {
    let mut failed = cursor();
    failed.begin(Reason::Schedule, at(0));
    failed.fail(ErrorClass::Retry, "busy".into(), at(0));
    assert_eq!(look(&connected(), std::slice::from_ref(&failed), at(30)).run, Vec::<String>::new());
    assert_eq!(look(&connected(), std::slice::from_ref(&failed), at(60)).run, ["r"]);
    let problem = Problem { class: ErrorClass::Reauth, message: "m".into(), at: at(0), retry_at: None };
    let lost = connected().fail(problem, at(0));
    let looked = look(&lost, &[failed], at(10_000));
    assert_eq!((looked.plan, looked.run), (false, Vec::new()));
}

#[test]
fn a_backfill_leaves_half_of_the_quota_to_live_changes() {
    let quota = Quota { units_per_minute: 60, burst: 100 };
    let mut bucket = Bucket::full(quota, at(0));
    for _ in 0..5 {
        bucket = bucket.take(quota, 10, true, at(0)).unwrap();
    }
    assert_eq!(bucket.take(quota, 10, true, at(0)), Err(at(10)));
    assert!(bucket.take(quota, 50, false, at(0)).is_ok());
    assert!(bucket.take(quota, 10, true, at(10)).is_ok());
    // What is larger than the bucket is not refused for ever.
    assert!(Bucket::full(quota, at(0)).take(quota, 500, true, at(0)).is_ok());
}
