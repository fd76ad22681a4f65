//! Tool calls in the product's shape, with bounds on what a tool may print.

use std::path::PathBuf;

use domain::message::{Part, ToolPart, ToolStatus};
use jiff::Timestamp;
use serde_json::Value;

use super::cut::{ends, tail};
use crate::limits::{TOOL_OUTPUT_BYTES, TOOL_TAIL_BYTES};
use crate::opencode::Tool;

/// Bytes that a text keeps when a whole answer is too large.
const STUB_BYTES: usize = 512;

/// A field of a call that may be too large for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Input,
    Output,
}

impl Field {
    /// As in the name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// Where the whole of a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    Text(String),
    /// A file that OpenCode wrote; what stands in the call is a part of it.
    File(PathBuf),
}

/// What of a call that is over is too large for an event, and is to be kept whole.
pub(super) fn too_large(call: &Tool) -> Vec<(Field, Whole)> {
    let state = &call.state;
    let output = match state.status.as_str() {
        "completed" => &state.output,
        "error" => &state.error,
        _ => return Vec::new(),
    };
    let mut large = Vec::new();
    if cut_texts(&mut state.input.clone(), TOOL_OUTPUT_BYTES) {
        let json = serde_json::to_string_pretty(&state.input).unwrap_or_default();
        large.push((Field::Input, Whole::Text(json)));
    }
    if let Some(file) = state.metadata["outputPath"].as_str() {
        large.push((Field::Output, Whole::File(file.into())));
    } else if let Some(output) = output.as_ref().filter(|output| output.len() > TOOL_OUTPUT_BYTES) {
        large.push((Field::Output, Whole::Text(output.clone())));
    }
    large
}

/// Translates a call as it now is.
pub(super) fn translate(call: Tool) -> ToolPart {
    let Tool { id, call: call_id, tool: name, mut state, .. } = call;
    let (status, mut output) = match state.status.as_str() {
        "pending" => (ToolStatus::Pending, None),
        "running" => (ToolStatus::Running, state.metadata["output"].as_str().map(str::to_owned)),
        "completed" => (ToolStatus::Completed, state.output),
        _ => (ToolStatus::Error, state.error),
    };
    let mut truncated = cut_texts(&mut state.input, TOOL_OUTPUT_BYTES);
    // OpenCode cuts long outputs itself, and says where the whole is.
    truncated |= status != ToolStatus::Running && state.metadata["outputPath"].is_string();
    if let Some(output) = &mut output {
        truncated |= match status {
            ToolStatus::Running => tail(output, TOOL_TAIL_BYTES),
            _ => ends(output, TOOL_OUTPUT_BYTES),
        };
    }
    let purpose = state.input["description"].as_str().map(str::to_owned);
    ToolPart {
        id,
        call_id,
        name,
        status,
        title: purpose.or(state.title).filter(|title| !title.is_empty()),
        input: state.input,
        output,
        truncated,
        full_input: None,
        full_output: None,
        started_at: time(state.time.start),
        ended_at: time(state.time.end),
    }
}

/// Marks a call that was not done when OpenCode stopped.
pub(super) fn interrupt(call: &mut ToolPart) {
    let note = "[the tool was interrupted]";
    call.status = ToolStatus::Error;
    call.output = Some(match call.output.take().filter(|output| !output.is_empty()) {
        Some(output) => format!("{output}\n{note}"),
        None => note.to_owned(),
    });
}

/// Shortens calls, oldest first, until the parts fit into `bytes`. Text is left as it is:
/// it equals its deltas.
pub(super) fn fit(mut parts: Vec<Part>, bytes: usize) -> Vec<Part> {
    let mut excess = parts.iter().map(size).sum::<usize>().saturating_sub(bytes);
    for part in &mut parts {
        if excess == 0 {
            break;
        }
        let before = size(part);
        if let Part::Tool(call) = part {
            call.truncated |= cut_texts(&mut call.input, STUB_BYTES);
            call.truncated |= call.output.as_mut().is_some_and(|output| ends(output, STUB_BYTES));
        }
        excess = excess.saturating_sub(before - size(part));
    }
    parts
}

/// Bytes of a part in its message, where text and calls stand twice.
fn size(part: &Part) -> usize {
    2 * serde_json::to_vec(part).map_or(0, |json| json.len())
}

/// Cuts every text in `value` to `bytes`; whether one was longer.
fn cut_texts(value: &mut Value, bytes: usize) -> bool {
    match value {
        Value::String(text) => ends(text, bytes),
        Value::Array(items) => items.iter_mut().fold(false, |cut, item| cut_texts(item, bytes) | cut),
        Value::Object(fields) => fields.values_mut().fold(false, |cut, field| cut_texts(field, bytes) | cut),
        _ => false,
    }
}

fn time(ms: Option<i64>) -> Option<Timestamp> {
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(status: &str, output: &str) -> ToolPart {
        let state = match status {
            "running" => serde_json::json!({"status": status, "input": {}, "metadata": {"output": output}}),
            _ => serde_json::json!({"status": status, "input": {"content": output}, "output": output}),
        };
        let tool = serde_json::json!({"id": "prt_1", "sessionID": "ses_1", "messageID": "msg_1", "callID": "c", "tool": "bash", "state": state});
        translate(serde_json::from_value(tool).unwrap())
    }

    #[test]
    fn a_running_tool_shows_the_tail_of_a_long_output() {
        let part = call("running", &format!("{}the end", "x".repeat(20_000)));
        let output = part.output.unwrap();
        assert!(part.truncated && output.len() <= TOOL_TAIL_BYTES && output.ends_with("the end"));
    }

    #[test]
    fn a_finished_tool_keeps_both_ends_and_says_that_it_was_cut() {
        let part = call("completed", &format!("start{}end", "é".repeat(100_000)));
        let output = part.output.unwrap();
        assert!(part.truncated && output.len() <= TOOL_OUTPUT_BYTES);
        assert!(
            output.starts_with("start") && output.ends_with("end") && output.contains("bytes cut"),
            "{}",
            output.len()
        );
        assert!(part.input["content"].as_str().unwrap().len() <= TOOL_OUTPUT_BYTES);
    }

    #[test]
    fn an_answer_that_is_too_large_shortens_its_oldest_calls_first() {
        let parts: Vec<Part> = (0..4).map(|_| Part::Tool(call("completed", &"x".repeat(50_000)))).collect();
        let fitted = fit(parts, 450_000);
        assert!(fitted.iter().map(size).sum::<usize>() <= 450_000);
        let lengths: Vec<usize> =
            fitted.iter().map(|part| part.as_tool().unwrap().output.as_ref().unwrap().len()).collect();
        assert!(lengths[0] <= STUB_BYTES && lengths[3] == 50_000, "{lengths:?}");
    }
}
