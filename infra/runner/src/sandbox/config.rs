//! OpenCode's configuration: one gateway for every model, nothing fetched, nothing shared.

use domain::action::AGENT_PREFIX;
use domain::limits::ANSWER_SECONDS_MAX;
use serde_json::{Map, Value, json};

use super::{ModelRef, SandboxSpec};
use crate::gateway::{Dialect, Providers};

/// OpenCode wants a key before it calls a provider; the gateway puts the real one in its place.
const DUMMY_KEY: &str = "held-by-the-gateway";

/// The API itself answers within 29 seconds; what is asked for first waits for the user.
const TOOL_TIMEOUT_MS: u64 = (ANSWER_SECONDS_MAX + 30) * 1_000;

/// Makes `opencode.json`.
pub(super) fn opencode_config(model: &ModelRef, spec: &SandboxSpec, providers: &Providers) -> Value {
    let small = model.small(providers);
    json!({
        "$schema": "https://opencode.ai/config.json",
        "model": model.to_string(),
        "small_model": small.to_string(),
        "enabled_providers": [model.provider],
        "provider": { model.provider.as_str(): provider_block(model, &small, &spec.gateway_url) },
        "mcp": { AGENT_PREFIX: tools(spec) },
        "permission": permissions(spec),
        "autoupdate": false,
        "share": "disabled",
        "snapshot": false,
    })
}

/// Only the session's own provider is set up, so that nothing else can be called by mistake.
fn provider_block(model: &ModelRef, small: &ModelRef, gateway_url: &str) -> Value {
    let dialect = model.dialect();
    let base_url = format!("{gateway_url}/{}/{}", dialect.name(), dialect.version());
    let mut block = json!({
        "options": { "baseURL": base_url, "apiKey": DUMMY_KEY },
        // Named here, a model works even if it is newer than OpenCode's own catalogue.
        "models": { model.model.as_str(): {}, small.model.as_str(): {} },
    });
    if dialect == Dialect::Compatible {
        block["npm"] = json!("@ai-sdk/openai-compatible");
        block["name"] = json!("OpenAI-compatible");
        block["models"] = json!({
            model.model.as_str(): { "name": model.model, "limit": { "context": 128_000, "output": 16_384 } }
        });
    }
    block
}

/// The gateway adds the session's token, so there is nothing to sign in to.
fn tools(spec: &SandboxSpec) -> Value {
    let url = format!("{}/mcp", spec.gateway_url);
    json!({ "type": "remote", "url": url, "enabled": true, "oauth": false, "timeout": TOOL_TIMEOUT_MS })
}

/// OpenCode asks by default for what lies outside the folder; here the container is the border.
fn permissions(spec: &SandboxSpec) -> Value {
    let mut rules = Map::from_iter([("*".to_owned(), json!("allow"))]);
    rules.extend(spec.permissions.iter().map(|(tool, rule)| (tool.clone(), json!(rule))));
    Value::Object(rules)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sandbox::Permission;

    fn config(model: &str) -> Value {
        let providers = Providers::from_lookup(|name| (name == "OPENAI_API_KEY").then(|| "sk-secret-key".to_owned()));
        let spec = SandboxSpec {
            model: Some(model.to_owned()),
            directory: "/workspace/w".into(),
            data_root: "/data".into(),
            gateway_url: "http://127.0.0.1:4097".into(),
            permissions: BTreeMap::from([("bash".to_owned(), Permission::Ask)]),
            repository: None,
            password: None,
        };
        opencode_config(&ModelRef::choose(spec.model.as_deref(), &providers).unwrap(), &spec, &providers)
    }

    #[test]
    fn every_model_is_reached_through_the_gateway_with_a_dummy_key() {
        for (model, base) in [
            ("anthropic/claude-new", "http://127.0.0.1:4097/anthropic/v1"),
            ("openai/gpt-new", "http://127.0.0.1:4097/openai/v1"),
            ("google/gemini-new", "http://127.0.0.1:4097/google/v1beta"),
            ("compatible/llama", "http://127.0.0.1:4097/compatible/v1"),
        ] {
            let config = config(model);
            let (provider, name) = model.split_once('/').unwrap();
            assert_eq!(config["model"], model);
            assert_eq!(config["enabled_providers"], json!([provider]));
            assert_eq!(config["provider"][provider]["options"], json!({"baseURL": base, "apiKey": DUMMY_KEY}));
            assert!(
                config["provider"][provider]["models"][name].is_object(),
                "a model may be newer than the catalogue"
            );
            assert!(!config.to_string().contains("sk-secret-key"));
        }
    }

    #[test]
    fn all_is_allowed_but_what_the_session_restricts() {
        assert_eq!(config("openai/o3")["permission"], json!({"*": "allow", "bash": "ask"}));
    }
}
