//! Rebuilds a message's parts from the events of its turn.
//!
//! It is what every viewer does with the stream; the product itself uses it to
//! keep what was already seen when a runner is lost in the middle of a turn.

use crate::message::Part;
use crate::{EventBody, MessageId};

/// The parts that the events of `message_id` add up to.
pub fn fold_parts<'a>(message_id: MessageId, events: impl IntoIterator<Item = &'a EventBody>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for event in events {
        match event {
            EventBody::TextDelta { message_id: id, part_id, delta } if *id == message_id => {
                append(&mut parts, part_id, delta, |id, text| Part::Text { id, text });
            }
            EventBody::ReasoningDelta { message_id: id, part_id, delta } if *id == message_id => {
                append(&mut parts, part_id, delta, |id, text| Part::Reasoning { id, text });
            }
            EventBody::PartUpdated { message_id: id, part } if *id == message_id => {
                match parts.iter_mut().find(|p| p.id() == part.id()) {
                    Some(known) => known.clone_from(part),
                    None => parts.push(part.clone()),
                }
            }
            EventBody::PartDiscarded { message_id: id, part_id } if *id == message_id => {
                parts.retain(|p| p.id() != part_id);
            }
            _ => {}
        }
    }
    parts
}

fn append(parts: &mut Vec<Part>, part_id: &str, delta: &str, new: impl Fn(String, String) -> Part) {
    match parts.iter_mut().find(|p| p.id() == part_id) {
        Some(Part::Text { text, .. } | Part::Reasoning { text, .. }) => text.push_str(delta),
        Some(Part::Tool(_)) => {}
        None => parts.push(new(part_id.to_owned(), delta.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_discarded_part_leaves_nothing_and_others_keep_their_order() {
        let message_id = MessageId::mint(Timestamp::UNIX_EPOCH);
        let delta =
            |part: &str, text: &str| EventBody::TextDelta { message_id, part_id: part.into(), delta: text.into() };
        let events = [
            EventBody::ReasoningDelta { message_id, part_id: "r".into(), delta: "hm".into() },
            delta("a", "lost"),
            EventBody::PartDiscarded { message_id, part_id: "a".into() },
            delta("b", "to "),
            delta("b", "stay"),
            EventBody::TextDelta {
                message_id: MessageId::mint(Timestamp::UNIX_EPOCH),
                part_id: "b".into(),
                delta: "!".into(),
            },
        ];
        assert_eq!(
            fold_parts(message_id, &events),
            [
                Part::Reasoning { id: "r".into(), text: "hm".into() },
                Part::Text { id: "b".into(), text: "to stay".into() },
            ]
        );
    }
}
