use super::*;

fn kill(order: KillOrder) -> Faults {
    let faults = Faults::default();
    faults.set(Order { kill: BTreeMap::from([("F".into(), order)]), ..Order::default() });
    faults
}

#[test]
fn no_order_disturbs_nothing() {
    let faults = Faults::default();
    assert_eq!((faults.next_kill("F"), faults.next_mishap()), (None, None));
    assert_eq!((faults.next_refused_post(), faults.next_refused_put()), (None, None));
    assert_eq!(faults.fate(Direction::Inbound), Fate::fair());
    assert!(faults.strikes().is_empty());
}

#[test]
fn a_kill_strikes_the_chosen_invocations_only() {
    let faults = kill(KillOrder { times: 1, skip: 1, after_ms: Some(5), within_ms: None });
    let told: Vec<_> = (0..3).map(|_| faults.next_kill("F")).collect();
    assert_eq!(told, [None, Some(Kill::After(Duration::from_millis(5))), None]);
    assert_eq!(faults.strikes(), BTreeMap::from([("F killed".to_owned(), 1)]));
}

#[test]
fn a_kill_within_a_time_strikes_at_another_moment_each() {
    let faults = kill(KillOrder { times: 20, within_ms: Some(1000), ..KillOrder::default() });
    let told: std::collections::HashSet<_> = (0..20)
        .map(|_| match faults.next_kill("F") {
            Some(Kill::After(delay)) => delay,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(told.len() > 10 && told.iter().all(|delay| *delay <= Duration::from_secs(1)), "{told:?}");
}

#[test]
fn the_same_seed_gives_the_same_weather() {
    let storm = Disturbance { drop: 0.3, duplicate: 0.3, delay: 0.5, delay_ms: 40, cut: 0.1, seed: 7 };
    let run = || {
        let faults = Faults::default();
        faults.set(Order { outbound: Some(storm), ..Order::default() });
        (0..50).map(|_| faults.fate(Direction::Outbound)).collect::<Vec<_>>()
    };
    let told = run();
    assert_eq!(told, run());
    for copies in 0..=2 {
        assert!(told.iter().any(|fate| fate.deliveries.len() == copies), "no message came {copies} times");
    }
    assert!(told.iter().any(|fate| fate.cut) && told.iter().any(|fate| !fate.cut));
}

#[test]
fn counts_outlive_the_order() {
    let faults = Faults::default();
    faults.set(Order { s3: Some(Refusals { status: 503, times: 1 }), ..Order::default() });
    assert_eq!((faults.next_refused_put(), faults.next_refused_put()), (Some(503), None));
    faults.set(Order::default());
    assert_eq!(faults.strikes(), BTreeMap::from([("bucket 503".to_owned(), 1)]));
}
