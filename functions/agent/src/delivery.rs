//! Events as viewers get them, the same on every way.

use domain::{Event, Seq, SessionId, TurnNumber, UserId, limits};
use futures_util::future::join_all;
use serde_json::json;

use crate::Deps;
use crate::sockets::Sent;

/// An event ready to be sent.
pub(crate) struct Rendered {
    pub(crate) seq: Seq,
    pub(crate) name: &'static str,
    pub(crate) turn: Option<TurnNumber>,
    pub(crate) ends_turn: bool,
    pub(crate) json: String,
}

/// An event that is too large for a frame travels as a pointer to itself.
pub(crate) fn render(session: SessionId, event: &Event) -> Rendered {
    let name = event.entry.body.name();
    let mut json = serde_json::to_string(event).unwrap_or_default();
    if json.len() > limits::DELIVERY_BYTES_MAX {
        let href = format!("/agent/sessions/{session}/events/{}", event.seq);
        let pointer = json!({"seq": event.seq, "at": event.at, "turn": event.entry.turn, "type": name, "href": href});
        json = pointer.to_string();
    }
    Rendered { seq: event.seq, name, turn: event.entry.turn, ends_turn: event.entry.body.ends_turn(), json }
}

/// Packs events into as few socket frames as their size allows.
pub(crate) fn frames(session: SessionId, events: &[Event]) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for event in events {
        let json = render(session, event).json;
        match frames.last_mut() {
            Some(frame) if frame.len() + json.len() < limits::DELIVERY_BYTES_MAX => {
                frame.push(',');
                frame.push_str(&json);
            }
            _ => frames.push(format!("{{\"events\":[{json}")),
        }
    }
    for frame in &mut frames {
        frame.push_str("]}");
    }
    frames
}

/// Sends events to these viewers, all at once; forgets those that are gone.
pub(crate) async fn fan_out(deps: &Deps, owner: UserId, session: SessionId, events: &[Event], viewers: &[String]) {
    if viewers.is_empty() || events.is_empty() {
        return;
    }
    let frames = frames(session, events);
    join_all(viewers.iter().map(|viewer| send_all(deps, owner, session, viewer, &frames))).await;
}

/// Sends events to whoever watches now.
pub(crate) async fn publish(deps: &Deps, owner: UserId, session: SessionId, events: &[Event]) {
    match deps.store.viewers(owner, session).await {
        Ok(viewers) => fan_out(deps, owner, session, events, &viewers).await,
        // What is written is not lost: viewers notice the gap and read it.
        Err(error) => tracing::warn!(%error, session.id = %session, "viewers could not be read"),
    }
}

async fn send_all(deps: &Deps, owner: UserId, session: SessionId, viewer: &str, frames: &[String]) {
    for frame in frames {
        match deps.sockets.send(viewer, frame.as_bytes()).await {
            Sent::Delivered => {}
            Sent::Gone => {
                // Should anybody be there after all, they notice and come back.
                deps.sockets.close(viewer).await;
                if let Err(error) = deps.store.remove_viewer(owner, session, viewer).await {
                    tracing::warn!(%error, connection.id = viewer, "a closed socket was not forgotten");
                }
                return;
            }
            Sent::Failed => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{EventBody, MessageId};
    use jiff::Timestamp;

    use super::*;

    fn delta(seq: Seq, bytes: usize) -> Event {
        let body = EventBody::TextDelta {
            message_id: MessageId::mint(Timestamp::UNIX_EPOCH),
            part_id: "prt_1".into(),
            delta: "x".repeat(bytes),
        };
        Event { seq, at: Timestamp::UNIX_EPOCH, entry: body.in_turn(1) }
    }

    #[test]
    fn frames_hold_every_event_in_order_and_fit_a_socket_message() {
        let session = SessionId::mint(Timestamp::UNIX_EPOCH);
        let events: Vec<Event> = (1..=20).map(|seq| delta(seq, 20_000)).collect();
        let frames = frames(session, &events);
        assert!(frames.len() > 1 && frames.iter().all(|frame| frame.len() <= 128 * 1024));
        let seqs: Vec<u64> = frames
            .iter()
            .map(|frame| serde_json::from_str::<serde_json::Value>(frame).unwrap())
            .flat_map(|frame| frame["events"].as_array().unwrap().clone())
            .map(|event| event["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(seqs, (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_too_large_for_a_frame_travels_as_a_pointer() {
        let session = SessionId::mint(Timestamp::UNIX_EPOCH);
        let rendered: serde_json::Value = serde_json::from_str(&render(session, &delta(3, 200_000)).json).unwrap();
        assert_eq!(rendered["href"], format!("/agent/sessions/{session}/events/3"));
        assert_eq!((&rendered["seq"], &rendered["type"]), (&json!(3), &json!("text.delta")));
    }
}
