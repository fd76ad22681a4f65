//! Where in each dialect's stream events a piece of text is.
//!
//! An event is only recognised if the text is all that it says: anything unusual in it (a finish
//! reason, a signature, log probabilities) makes it an event that is passed on as it is.

use serde_json::{Map, Value};

use super::Dialect;

/// A piece of text in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delta {
    /// Pieces with the same key continue each other.
    pub(super) key: String,
    /// Where the text is, as a JSON pointer.
    pub(super) pointer: &'static str,
}

impl Delta {
    /// The piece of text that `event` is.
    pub(super) fn find(dialect: Dialect, event: &Value) -> Option<Self> {
        match dialect {
            Dialect::Anthropic => anthropic(event),
            Dialect::Google => google(event),
            Dialect::Compatible => chat(event),
            Dialect::Openai if event.get("choices").is_some() => chat(event),
            Dialect::Openai => responses(event),
        }
    }
}

fn anthropic(event: &Value) -> Option<Delta> {
    if event["type"] != "content_block_delta" {
        return None;
    }
    let pointer = match event["delta"]["type"].as_str()? {
        "text_delta" => "/delta/text",
        "thinking_delta" => "/delta/thinking",
        "input_json_delta" => "/delta/partial_json",
        _ => return None,
    };
    let bare = event["delta"].as_object()?.len() == 2;
    bare.then(|| Delta { key: format!("{pointer} {}", event["index"]), pointer })
}

fn responses(event: &Value) -> Option<Delta> {
    let kind = event["type"].as_str()?;
    let is_text = matches!(
        kind,
        "response.output_text.delta"
            | "response.reasoning_text.delta"
            | "response.reasoning_summary_text.delta"
            | "response.function_call_arguments.delta"
    );
    let plain = event.get("logprobs").is_none_or(is_nothing);
    let place = |name: &str| event[name].to_string();
    let key = || format!("{kind} {} {} {}", place("output_index"), place("content_index"), place("summary_index"));
    (is_text && plain).then(|| Delta { key: key(), pointer: "/delta" })
}

fn chat(event: &Value) -> Option<Delta> {
    let [choice] = event["choices"].as_array()?.as_slice() else { return None };
    let rest_is_nothing = others_are_nothing(choice.as_object()?, &["index", "delta"]);
    if !rest_is_nothing || !event.get("usage").is_none_or(is_nothing) {
        return None;
    }
    let delta = choice["delta"].as_object()?;
    let texts = [
        ("content", "/choices/0/delta/content"),
        ("reasoning_content", "/choices/0/delta/reasoning_content"),
        ("reasoning", "/choices/0/delta/reasoning"),
        ("tool_calls", "/choices/0/delta/tool_calls/0/function/arguments"),
    ];
    let (name, pointer) =
        texts.into_iter().find(|(name, _)| delta.get(*name).is_some_and(|value| !is_nothing(value)))?;
    let call = if name == "tool_calls" { Some(continued_call(&delta["tool_calls"])?) } else { None };
    let bare = others_are_nothing(delta, &["role", name]);
    bare.then(|| Delta { key: format!("{pointer} {} {call:?}", choice["index"]), pointer })
}

/// The index of the one call whose arguments go on; the first piece of a call has its name.
fn continued_call(calls: &Value) -> Option<u64> {
    let [call] = calls.as_array()?.as_slice() else { return None };
    let bare = others_are_nothing(call.as_object()?, &["index", "type", "function"])
        && others_are_nothing(call["function"].as_object()?, &["arguments"]);
    call["index"].as_u64().filter(|_| bare)
}

fn google(event: &Value) -> Option<Delta> {
    let known = ["candidates", "usageMetadata", "modelVersion", "responseId", "createTime"];
    let [candidate] = event["candidates"].as_array()?.as_slice() else { return None };
    let [part] = candidate["content"]["parts"].as_array()?.as_slice() else { return None };
    let bare = others_are_nothing(event.as_object()?, &known)
        && others_are_nothing(candidate.as_object()?, &["content", "index"])
        && others_are_nothing(part.as_object()?, &["text", "thought"]);
    let key = || format!("text {} {}", candidate["index"], part["thought"] == true);
    bare.then(|| Delta { key: key(), pointer: "/candidates/0/content/parts/0/text" })
}

fn others_are_nothing(object: &Map<String, Value>, known: &[&str]) -> bool {
    object.iter().all(|(name, value)| known.contains(&name.as_str()) || is_nothing(value))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(dialect: Dialect, event: &Value) -> Option<String> {
        let delta = Delta::find(dialect, event)?;
        event.pointer(delta.pointer).and_then(Value::as_str).map(str::to_owned)
    }

    fn choice(delta: Value) -> Value {
        json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": null, "logprobs": null}], "usage": null})
    }

    #[test]
    fn each_dialects_pieces_of_text_are_found() {
        let call = json!([{"index": 1, "function": {"arguments": "t"}}]);
        let part = json!({"text": "t", "thought": true});
        let responses = ["output_text", "reasoning_summary_text", "function_call_arguments"].map(|kind| {
            (Dialect::Openai, json!({"type": format!("response.{kind}.delta"), "delta": "t", "logprobs": []}))
        });
        let others = [
            (Dialect::Compatible, choice(json!({"content": "t"}))),
            (Dialect::Compatible, choice(json!({"role": "assistant", "content": null, "reasoning_content": "t"}))),
            (Dialect::Openai, choice(json!({"tool_calls": call}))),
            (
                Dialect::Anthropic,
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "t"}}),
            ),
            (
                Dialect::Anthropic,
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "t"}}),
            ),
            (
                Dialect::Anthropic,
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "t"}}),
            ),
            (
                Dialect::Google,
                json!({"candidates": [{"content": {"parts": [part], "role": "model"}}], "usageMetadata": {"a": 1}}),
            ),
        ];
        for (dialect, event) in others.iter().chain(&responses) {
            assert_eq!(text(*dialect, event).as_deref(), Some("t"), "{event}");
        }
    }

    #[test]
    fn an_event_that_says_more_than_text_is_left_alone() {
        let named = json!([{"index": 0, "id": "c", "function": {"name": "bash", "arguments": "t"}}]);
        let signed = json!([{"text": "t", "thoughtSignature": "s"}]);
        let mut finished = choice(json!({"content": "t"}));
        finished["choices"][0]["finish_reason"] = json!("stop");
        let mut counted = choice(json!({"content": "t"}));
        counted["usage"] = json!({"prompt_tokens": 1});
        for (dialect, event) in [
            (Dialect::Compatible, finished),
            (Dialect::Compatible, counted),
            (Dialect::Compatible, choice(json!({"role": "assistant", "content": ""}))),
            (Dialect::Compatible, choice(json!({"content": "t", "reasoning_content": "u"}))),
            (Dialect::Compatible, choice(json!({"tool_calls": named}))),
            (Dialect::Compatible, json!({"error": {"message": "t"}})),
            (Dialect::Openai, json!({"type": "response.output_text.done", "text": "t"})),
            (Dialect::Openai, json!({"type": "response.output_text.delta", "delta": "t", "logprobs": [1]})),
            (
                Dialect::Anthropic,
                json!({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "t"}}),
            ),
            (Dialect::Anthropic, json!({"type": "ping"})),
            (Dialect::Google, json!({"candidates": [{"content": {"parts": signed}}]})),
            (Dialect::Google, json!({"candidates": [{"content": {"parts": [{"text": "t"}]}, "finishReason": "STOP"}]})),
            (Dialect::Google, json!({"candidates": [{"content": {"parts": [{"text": "t"}, {"functionCall": {}}]}}]})),
        ] {
            assert_eq!(Delta::find(dialect, &event), None, "{event}");
        }
    }

    #[test]
    fn pieces_of_different_things_have_different_keys() {
        let key = |delta: Value| Delta::find(Dialect::Compatible, &choice(delta)).unwrap().key;
        let call = |index: u64| key(json!({"tool_calls": [{"index": index, "function": {"arguments": "t"}}]}));
        let keys = [key(json!({"content": "t"})), key(json!({"reasoning": "t"})), call(0), call(1)];
        assert_eq!(std::collections::HashSet::from(keys).len(), 4);
    }
}
