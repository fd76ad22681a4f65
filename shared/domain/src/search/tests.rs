use super::*;
use crate::IntegrationId;
use crate::entity::Stamp;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn entity(number: i64, title: &str, state: &str) -> Entity {
    let integration_id = IntegrationId::mint(at(1));
    Entity {
        id: EntityId::of(integration_id, "r", "issue", &number.to_string()),
        integration_id,
        provider: Service::new("toy"),
        resource: "r".into(),
        kind: Kind::new("issue"),
        external_id: format!("x{number}"),
        title: title.into(),
        body: String::new(),
        url: None,
        author: None,
        people: Vec::new(),
        labels: Vec::new(),
        state: Some(state.into()),
        starts_at: None,
        ends_at: None,
        created_at: at(number),
        updated_at: at(number),
        deleted_at: None,
        stamp: Stamp::default(),
        fingerprint: String::new(),
        raw: None,
    }
}

fn segment(entities: &[&Entity], indexed: i64) -> Segment {
    let built = Segment::build(entities.iter().map(|entity| Document::of(entity, at(indexed))).collect());
    // As it comes back from where it is kept.
    Segment::parse(built.bytes().to_vec()).unwrap()
}

fn found(segment: &Segment, text: &str) -> Vec<i64> {
    let rows = segment.find(&Query::new(text, None, None, None).prefixes());
    rows.iter().map(|row| row.listed_ms).collect()
}

#[test]
fn every_word_must_be_there_as_a_beginning_newest_first() {
    let entities = [
        entity(1, "Deploy fails on Friday", "open"),
        entity(2, "Deployment: fails!", "closed"),
        entity(3, "Größe der Datei", "open"),
    ];
    let segment = segment(&entities.iter().collect::<Vec<_>>(), 9);
    assert_eq!(found(&segment, "deploy"), [2, 1]);
    assert_eq!(found(&segment, "FAIL deploy"), [2, 1]);
    assert_eq!(found(&segment, "deploy friday"), [1]);
    assert_eq!(found(&segment, "größe"), [3]);
    assert_eq!(found(&segment, "deploy nothing"), [0; 0]);
    assert_eq!(found(&segment, "eploy"), [0; 0]);
}

#[test]
fn filters_are_exact_and_no_word_is_taken_for_one() {
    let entities = [entity(1, "a kind=issue", "open"), entity(2, "a", "opened")];
    let segment = segment(&entities.iter().collect::<Vec<_>>(), 9);
    let open = Query::new("a", None, None, Some("open".into()));
    assert_eq!(segment.find(&open.prefixes()).len(), 1);
    assert!(open.matches(&entities[0]) && !open.matches(&entities[1]));
    let issues = Query::new("a", Some(Kind::new("issue")), Some(Service::new("toy")), None);
    assert_eq!(segment.find(&issues.prefixes()).len(), 2);
    assert!(!Query::new("a", Some(Kind::new("event")), None, None).matches(&entities[0]));
}

#[test]
fn merged_segments_find_the_same_and_the_latest_row_of_an_entity_counts() {
    let old = entity(1, "old words", "open");
    let new = Entity { title: "new words".into(), ..old.clone() };
    let other = entity(2, "other words", "open");
    let (first, second) = (segment(&[&old, &other], 1), segment(&[&new], 2));
    for order in [[&first, &second], [&second, &first]] {
        let merged = Segment::merge(&order, |_| true);
        let merged = Segment::parse(merged.bytes().to_vec()).unwrap();
        assert_eq!(merged.rows(), 2);
        assert_eq!(
            (found(&merged, "words"), found(&merged, "new"), found(&merged, "old")),
            (vec![2, 1], vec![1], vec![])
        );
    }
    let without = Segment::merge(&[&first, &second], |id| id != other.id);
    assert_eq!(found(&without, "words"), [1]);
}

#[test]
fn a_search_finds_what_looking_at_every_entity_finds() {
    let words = ["alpha", "beta", "gamma", "alphabet", "be", "delta", "al"];
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let entities: Vec<Entity> = (0..300)
        .map(|number| {
            let title: Vec<&str> = (0..3).map(|_| words[random(words.len())]).collect();
            entity(number, &title.join(" "), ["open", "closed"][random(2)])
        })
        .collect();
    let parts: Vec<Segment> = entities.chunks(37).map(|part| segment(&part.iter().collect::<Vec<_>>(), 1)).collect();
    let merged = Segment::merge(&parts.iter().collect::<Vec<_>>(), |_| true);
    for text in ["al", "alpha be", "gamma delta", "be al", "alphabet", "x2", "zeta"] {
        for state in [None, Some("open".to_owned())] {
            let query = Query::new(text, None, None, state);
            let looked: Vec<i64> = entities
                .iter()
                .rev()
                .filter(|each| query.matches(each))
                .map(|e| e.updated_at.as_millisecond())
                .collect();
            let searched: Vec<i64> = merged.find(&query.prefixes()).iter().map(|row| row.listed_ms).collect();
            assert_eq!(searched, looked, "{text}");
        }
    }
}

#[test]
fn damaged_bytes_are_told_and_do_no_harm() {
    let whole = segment(&[&entity(1, "some words", "open")], 1).bytes().to_vec();
    for end in 0..whole.len() {
        assert!(Segment::parse(whole[..end].to_vec()).is_err(), "{end}");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        if let Ok(segment) = Segment::parse(damaged) {
            segment.find(&["some".to_owned()]);
        }
    }
}
