use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn integration() -> IntegrationId {
    IntegrationId::mint(at(1))
}

fn draft(version: u64, title: &str) -> Change {
    Change::Upsert(Box::new(Draft {
        kind: Kind::new("issue"),
        external_id: "7".into(),
        version,
        title: title.into(),
        body: "text".into(),
        url: None,
        author: None,
        people: Vec::new(),
        labels: vec!["bug".into()],
        state: Some("open".into()),
        starts_at: None,
        ends_at: None,
        created_at: at(1),
        updated_at: at(2),
        raw: Value::Null,
    }))
}

fn deletion(version: u64) -> Change {
    Change::Delete(Deletion { kind: Kind::new("issue"), external_id: "7".into(), version })
}

fn patch(version: u64, added: &[&str], removed: &[&str]) -> Change {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Change::Patch(Patch {
        kind: Kind::new("issue"),
        external_id: "7".into(),
        version,
        labels: None,
        labels_added: texts(added),
        labels_removed: texts(removed),
        state: None,
    })
}

struct World(IntegrationId);

impl World {
    fn decide(&self, stored: Option<&Entity>, change: &Change, generation: u64, epoch: u64) -> Option<Entity> {
        let place = Place { integration_id: self.0, provider: &Service::new("toy"), resource: "r" };
        decide(place, stored, change, generation, epoch, at(9))
    }
}

#[test]
fn the_newest_report_wins_whatever_the_order_in_which_they_come() {
    let world = World(integration());
    let reports = [draft(1, "a"), draft(2, "b"), deletion(3), draft(4, "d")];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let mut stored: Option<Entity> = None;
        for report in order {
            stored = world.decide(stored.as_ref(), &reports[report], 1, 1).or(stored);
        }
        let stored = stored.unwrap();
        assert_eq!((stored.title.as_str(), stored.deleted_at), ("d", None), "{order:?}");
    }
}

#[test]
fn a_late_report_does_not_bring_back_what_was_deleted() {
    let world = World(integration());
    let gone = world.decide(None, &deletion(3), 1, 1).unwrap();
    assert_eq!(gone.deleted_at, Some(at(9)));
    assert_eq!(world.decide(Some(&gone), &draft(2, "late"), 1, 1), None);
    assert_eq!(world.decide(Some(&gone), &deletion(4), 1, 1), None);
    assert_eq!(world.decide(Some(&gone), &draft(4, "restored"), 1, 1).unwrap().deleted_at, None);
}

#[test]
fn a_repeat_needs_no_write_but_a_new_generation_does() {
    let world = World(integration());
    let stored = world.decide(None, &draft(1, "a"), 1, 1).unwrap();
    assert_eq!(world.decide(Some(&stored), &draft(1, "a"), 1, 1), None);
    assert_eq!(world.decide(Some(&stored), &draft(2, "a"), 1, 2), None);
    assert_eq!(world.decide(Some(&stored), &draft(1, "a"), 2, 1).unwrap().stamp.generation, 2);
    // At the same version the worker with the later lease read later.
    let newer = world.decide(Some(&stored), &draft(1, "b"), 1, 2).unwrap();
    assert_eq!(world.decide(Some(&newer), &draft(1, "a"), 1, 1), None);
}

#[test]
fn a_patch_changes_what_is_there_and_makes_nothing() {
    let world = World(integration());
    assert_eq!(world.decide(None, &patch(2, &["x"], &[]), 1, 1), None);
    let stored = world.decide(None, &draft(1, "a"), 1, 1).unwrap();
    let patched = world.decide(Some(&stored), &patch(2, &["x"], &["bug"]), 1, 1).unwrap();
    assert_eq!((patched.labels.clone(), patched.title.as_str()), (vec!["x".to_owned()], "a"));
    assert_eq!(world.decide(Some(&patched), &patch(3, &["x"], &["bug"]), 1, 1), None);
    let gone = world.decide(Some(&patched), &deletion(4), 1, 1).unwrap();
    assert_eq!(world.decide(Some(&gone), &patch(5, &["y"], &[]), 1, 1), None);
}

#[test]
fn a_tombstone_says_nothing_of_what_was_there() {
    let world = World(integration());
    let stored = world.decide(None, &draft(1, "secret title"), 1, 1).unwrap();
    let gone = world.decide(Some(&stored), &deletion(2), 1, 1).unwrap();
    let text = serde_json::to_string(&gone).unwrap();
    assert!(!text.contains("secret") && !text.contains("text") && !text.contains("bug"), "{text}");
}

#[test]
fn long_text_is_clipped_between_characters() {
    assert_eq!(clip("aä", 2), "a");
    assert_eq!(clip("aä", 3), "aä");
}
