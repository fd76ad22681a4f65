//! Why a turn failed, in words for the user.
//!
//! OpenCode's own words carry the provider's URL, headers and body, where keys can hide. None of
//! them passes: the code and the text are chosen here, by kind and status alone.

use domain::message::TurnError;

use crate::opencode::AgentError;

/// An error with a stable code, what happened, and what to do next.
pub fn turn_error(code: &str, message: &str) -> TurnError {
    TurnError { code: code.to_owned(), message: message.to_owned() }
}

/// Sorts an error of OpenCode.
pub(super) fn classify(error: &AgentError) -> TurnError {
    let status = error.data.get("statusCode").and_then(serde_json::Value::as_u64);
    let (code, message) = match (error.name.as_str(), status) {
        ("ProviderAuthError", _) | ("APIError", Some(401 | 403)) => (
            "model_unauthorized",
            "the model provider refused the key; check the provider's API key and send the message again",
        ),
        ("APIError", Some(404)) => {
            ("model_not_found", "the model provider does not know this model; choose another one")
        }
        ("APIError", Some(402)) => {
            ("model_payment_required", "the model provider asks for payment; check the account's credit")
        }
        ("APIError", Some(408 | 429)) => {
            ("model_rate_limited", "the model provider is limiting requests; wait a little and send the message again")
        }
        ("APIError", Some(status)) if status >= 500 => {
            ("model_unavailable", "the model provider failed to answer, also after several attempts; try again later")
        }
        ("APIError", Some(_)) => {
            ("model_rejected", "the model provider refused the request; try a shorter message or another model")
        }
        ("APIError", None) => ("model_unreachable", "the model provider could not be reached; try again later"),
        ("ContextOverflowError", _) => {
            ("context_too_long", "the conversation is too long for the model; start a new session")
        }
        ("MessageOutputLengthError", _) => {
            ("answer_too_long", "the answer reached the model's limit; ask for a shorter one or to continue")
        }
        ("ContentFilterError", _) => {
            ("content_filtered", "the model provider's content filter blocked the answer; rephrase the message")
        }
        _ => ("agent_error", "the agent failed; send the message again"),
    };
    turn_error(code, message)
}

/// Says why the model is asked again.
pub(super) fn retry_message(reason: &str) -> String {
    let reason = reason.to_ascii_lowercase();
    let limited = ["429", "rate limit", "too many requests", "overloaded", "quota"];
    if limited.iter().any(|word| reason.contains(word)) {
        "the model provider is limiting requests; trying again".to_owned()
    } else {
        "the model provider did not answer properly; trying again".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn nothing_of_the_providers_answer_reaches_the_user() {
        for (name, status) in [
            ("APIError", Some(401)),
            ("APIError", Some(500)),
            ("APIError", None),
            ("UnknownError", None),
            ("Novel", None),
        ] {
            let mut data = BTreeMap::from([
                ("message".to_owned(), "bad key sk-secret at https://api.example.com".into()),
                ("responseBody".to_owned(), "sk-secret".into()),
            ]);
            if let Some(status) = status {
                data.insert("statusCode".to_owned(), status.into());
            }
            let shown = classify(&AgentError { name: name.to_owned(), data });
            let text = format!("{shown:?}");
            assert!(!text.contains("sk-") && !text.contains("http") && !shown.message.is_empty(), "{text}");
        }
        assert!(!retry_message("https://api.example.com said 429 sk-secret").contains("sk-"));
    }

    #[test]
    fn a_refused_key_and_a_limit_have_codes_of_their_own() {
        let code = |status: u64| {
            classify(&AgentError {
                name: "APIError".into(),
                data: BTreeMap::from([("statusCode".to_owned(), status.into())]),
            })
            .code
        };
        assert_eq!(
            [code(401), code(429), code(503), code(400)],
            ["model_unauthorized", "model_rate_limited", "model_unavailable", "model_rejected"]
        );
    }
}
