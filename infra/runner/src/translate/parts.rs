//! The parts of an answer as they grow, and the promise about their deltas.

use std::collections::HashMap;

use domain::MessageId;
use domain::event::EventBody;
use domain::message::{Kept, Part, ToolStatus};

use super::tool::{self, Field, Whole};
use crate::opencode::{TextPart, Tool};

/// The parts in the order in which they first showed.
pub(super) struct Parts {
    answer: MessageId,
    held: Vec<Held>,
    /// From OpenCode's part id to the place in `held`.
    places: HashMap<String, usize>,
    prose_bytes: usize,
    /// What is to be kept whole elsewhere.
    large: Vec<Large>,
}

/// A field of a call that is too large for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Large {
    pub part: String,
    pub field: Field,
    pub whole: Whole,
}

/// A part with what is known beside its content.
struct Held {
    part: Part,
    /// OpenCode's id; ours differs after the text was sent anew.
    agent_id: String,
    /// How often its text was sent anew.
    renewals: u32,
    /// Whether viewers know of the call; a text shows with its first delta.
    shown: bool,
    /// Whether what is too large of the call was told.
    over: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It grows.
    Open,
    /// It grows, but something was missed: wait for the whole text.
    Gapped,
    /// OpenCode has closed it.
    Ended,
    /// OpenCode died over it: what it says of it later is out of date.
    Sealed,
    /// Discarded, or never shown.
    Void,
}

impl Parts {
    pub(super) fn new(answer: MessageId) -> Self {
        Self { answer, held: Vec::new(), places: HashMap::new(), prose_bytes: 0, large: Vec::new() }
    }

    pub(super) fn text(&mut self, text: &TextPart) -> Vec<EventBody> {
        self.prose(text, |id| Part::Text { id, text: String::new() })
    }

    pub(super) fn reasoning(&mut self, text: &TextPart) -> Vec<EventBody> {
        self.prose(text, |id| Part::Reasoning { id, text: String::new() })
    }

    /// Adds to an open text. A delta of a part that was never announced waits for its end.
    pub(super) fn delta(&mut self, agent_id: &str, delta: &str) -> Vec<EventBody> {
        let Some(&place) = self.places.get(agent_id) else { return Vec::new() };
        if self.held[place].state != State::Open || delta.is_empty() {
            return Vec::new();
        }
        vec![self.grow(place, delta)]
    }

    pub(super) fn tool(&mut self, call: Tool) -> Vec<EventBody> {
        let large = tool::too_large(&call);
        let place = match self.places.get(&call.id) {
            Some(&place) => place,
            None => self.hold(call.id.clone(), Part::Tool(tool::translate(call.clone()))),
        };
        let held = &mut self.held[place];
        if matches!(held.state, State::Sealed | State::Void) {
            return Vec::new();
        }
        let mut translated = tool::translate(call);
        if let Part::Tool(known) = &held.part {
            translated.full_input.clone_from(&known.full_input);
            translated.full_output.clone_from(&known.full_output);
        }
        let part = Part::Tool(translated);
        if held.shown && held.part == part {
            return Vec::new();
        }
        if !std::mem::replace(&mut held.over, !large.is_empty()) {
            let part = held.part.id().to_owned();
            self.large.extend(large.into_iter().map(|(field, whole)| Large { part: part.clone(), field, whole }));
        }
        held.shown = true;
        held.part = part.clone();
        vec![EventBody::PartUpdated { message_id: self.answer, part }]
    }

    /// What calls that are over had too much of, each told once.
    pub(super) fn take_large(&mut self) -> Vec<Large> {
        std::mem::take(&mut self.large)
    }

    /// The whole of a field is kept.
    pub(super) fn kept(&mut self, part: &str, field: Field, kept: Kept) -> Vec<EventBody> {
        let message_id = self.answer;
        let held = self.held.iter_mut().find(|held| held.part.id() == part && held.state != State::Void);
        let Some(held) = held else { return Vec::new() };
        let Part::Tool(call) = &mut held.part else { return Vec::new() };
        match field {
            Field::Input => call.full_input = Some(kept),
            Field::Output => call.full_output = Some(kept),
        }
        vec![EventBody::PartUpdated { message_id, part: held.part.clone() }]
    }

    /// The model is asked again: open text and calls that had not begun are void.
    pub(super) fn abandon(&mut self) -> Vec<EventBody> {
        self.void_where(|held| held.is_open_text() || held.tool_status() == Some(ToolStatus::Pending))
    }

    /// OpenCode died, or the turn is over: as [`Self::abandon`], and calls that ran have failed.
    pub(super) fn interrupt(&mut self) -> Vec<EventBody> {
        let mut bodies = self.abandon();
        bodies.extend(self.stop_calls());
        bodies
    }

    /// Calls that are not done have failed; text stays as far as it came.
    pub(super) fn stop_calls(&mut self) -> Vec<EventBody> {
        let message_id = self.answer;
        let unfinished =
            |held: &&mut Held| matches!(held.tool_status(), Some(ToolStatus::Pending | ToolStatus::Running));
        self.held
            .iter_mut()
            .filter(unfinished)
            .map(|held| {
                held.state = State::Sealed;
                if let Part::Tool(call) = &mut held.part {
                    tool::interrupt(call);
                }
                EventBody::PartUpdated { message_id, part: held.part.clone() }
            })
            .collect()
    }

    /// Drops one part that OpenCode removed.
    pub(super) fn discard(&mut self, agent_id: &str) -> Vec<EventBody> {
        self.void_where(|held| held.agent_id == agent_id)
    }

    /// Events were missed.
    pub(super) fn gap(&mut self) {
        for held in self.held.iter_mut().filter(|held| held.is_open_text()) {
            held.state = State::Gapped;
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.held.iter().all(|held| held.state == State::Void || is_empty(&held.part))
    }

    pub(super) fn prose_bytes(&self) -> usize {
        self.prose_bytes
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        let shown = self.held.into_iter().filter(|held| held.state != State::Void);
        shown.map(|held| held.part).filter(|part| !is_empty(part)).collect()
    }

    fn prose(&mut self, text: &TextPart, new: impl Fn(String) -> Part) -> Vec<EventBody> {
        let place = match self.places.get(&text.id) {
            Some(&place) => place,
            None => self.hold(text.id.clone(), new(text.id.clone())),
        };
        if matches!(self.held[place].state, State::Sealed | State::Void) {
            return Vec::new();
        }
        // Until it ends, the stored text is empty whatever was streamed.
        if text.time.end.is_none() {
            return Vec::new();
        }
        self.held[place].state = State::Ended;
        self.align(place, &text.text)
    }

    /// Makes the deltas add up to `text`, the part's text for good.
    fn align(&mut self, place: usize, text: &str) -> Vec<EventBody> {
        let known = prose_of(&self.held[place].part);
        if let Some(rest) = text.strip_prefix(known) {
            return if rest.is_empty() { Vec::new() } else { vec![self.grow(place, rest)] };
        }
        let discarded =
            EventBody::PartDiscarded { message_id: self.answer, part_id: self.held[place].part.id().into() };
        let held = &mut self.held[place];
        held.renewals += 1;
        let id = format!("{}.{}", held.agent_id, held.renewals);
        held.part = match held.part {
            Part::Reasoning { .. } => Part::Reasoning { id, text: String::new() },
            _ => Part::Text { id, text: String::new() },
        };
        let mut bodies = vec![discarded];
        if !text.is_empty() {
            bodies.push(self.grow(place, text));
        }
        bodies
    }

    fn grow(&mut self, place: usize, delta: &str) -> EventBody {
        let (message_id, delta) = (self.answer, delta.to_owned());
        self.prose_bytes += delta.len();
        match &mut self.held[place].part {
            Part::Reasoning { id, text } => {
                text.push_str(&delta);
                EventBody::ReasoningDelta { message_id, part_id: id.clone(), delta }
            }
            Part::Text { id, text } => {
                text.push_str(&delta);
                EventBody::TextDelta { message_id, part_id: id.clone(), delta }
            }
            Part::Tool(_) => unreachable!("a tool's part has no text"),
        }
    }

    fn hold(&mut self, agent_id: String, part: Part) -> usize {
        self.places.insert(agent_id.clone(), self.held.len());
        self.held.push(Held { part, agent_id, renewals: 0, shown: false, over: false, state: State::Open });
        self.held.len() - 1
    }

    fn void_where(&mut self, fits: impl Fn(&Held) -> bool) -> Vec<EventBody> {
        let message_id = self.answer;
        let void = self.held.iter_mut().filter(|held| held.state != State::Void && fits(held));
        void.filter_map(|held| {
            held.state = State::Void;
            // What was never shown needs no word.
            (!is_empty(&held.part)).then(|| EventBody::PartDiscarded { message_id, part_id: held.part.id().into() })
        })
        .collect()
    }
}

impl Held {
    fn is_open_text(&self) -> bool {
        matches!(self.state, State::Open | State::Gapped) && !matches!(self.part, Part::Tool(_))
    }

    fn tool_status(&self) -> Option<ToolStatus> {
        self.part.as_tool().filter(|_| self.state == State::Open).map(|call| call.status)
    }
}

fn prose_of(part: &Part) -> &str {
    match part {
        Part::Text { text, .. } | Part::Reasoning { text, .. } => text,
        Part::Tool(_) => "",
    }
}

fn is_empty(part: &Part) -> bool {
    !matches!(part, Part::Tool(_)) && prose_of(part).is_empty()
}
