//! Which requests are model calls. Everything else a provider's API offers (files, keys,
//! fine-tuning, …) is not reachable with the real key.

use http::Method;

use super::Dialect;

/// A request that may be forwarded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) dialect: Dialect,
    /// What follows the provider's base URL, with its slash.
    pub(super) path: &'a str,
}

/// Why a request is not forwarded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotACall {
    /// The path names no provider.
    NoProvider,
    /// The provider has more to offer, but not here.
    Refused(Dialect),
}

impl<'a> Call<'a> {
    /// Reads `/<provider>/<version>/<what>`.
    pub(super) fn read(method: &Method, path: &'a str) -> Result<Self, NotACall> {
        let (dialect, rest) = provider(path).ok_or(NotACall::NoProvider)?;
        let path = rest.strip_prefix(dialect.version()).ok_or(NotACall::Refused(dialect))?;
        match is_allowed(dialect, method, path) {
            true => Ok(Self { dialect, path }),
            false => Err(NotACall::Refused(dialect)),
        }
    }
}

fn provider(path: &str) -> Option<(Dialect, &str)> {
    let (name, rest) = path.strip_prefix('/')?.split_once('/')?;
    Some((Dialect::named(name)?, rest))
}

fn is_allowed(dialect: Dialect, method: &Method, path: &str) -> bool {
    match *method {
        Method::GET => path == "/models",
        Method::POST => match dialect {
            Dialect::Anthropic => path == "/messages" || path == "/messages/count_tokens",
            Dialect::Openai => path == "/responses" || path == "/chat/completions",
            Dialect::Compatible => path == "/chat/completions",
            Dialect::Google => is_google_call(path),
        },
        _ => false,
    }
}

/// `/models/<model>:<verb>`; the model's name can't lead elsewhere.
fn is_google_call(path: &str) -> bool {
    let Some((model, verb)) = path.strip_prefix("/models/").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let named = !model.is_empty() && !model.starts_with('.') && model.chars().all(plain);
    named && matches!(verb, "generateContent" | "streamGenerateContent" | "countTokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_call_of_each_dialect_is_forwarded() {
        for (path, rest) in [
            ("/anthropic/v1/messages", "/messages"),
            ("/openai/v1/responses", "/responses"),
            ("/openai/v1/chat/completions", "/chat/completions"),
            ("/compatible/v1/chat/completions", "/chat/completions"),
            (
                "/google/v1beta/models/gemini-3.8-flash:streamGenerateContent",
                "/models/gemini-3.8-flash:streamGenerateContent",
            ),
        ] {
            assert_eq!(Call::read(&Method::POST, path).map(|call| call.path), Ok(rest));
        }
        assert!(Call::read(&Method::GET, "/openai/v1/models").is_ok());
    }

    #[test]
    fn nothing_else_of_a_provider_is_reachable_with_its_key() {
        for path in [
            "/openai/v1/files",
            "/openai/v1/../v1/files",
            "/openai/v1/chat/completions/../../files",
            "/openai/v1/chat%2Fcompletions",
            "/openai/chat/completions",
            "/anthropic/v1/organizations/api_keys",
            "/google/v1beta/models/../files:generateContent",
            "/google/v1beta/models/%2e%2e/files:generateContent",
            "/google/v1beta/cachedContents",
            "/compatible/v1/",
        ] {
            assert!(matches!(Call::read(&Method::POST, path), Err(NotACall::Refused(_))), "{path}");
        }
        assert!(Call::read(&Method::DELETE, "/openai/v1/responses").is_err());
        for path in ["/", "", "/mistral/v1/chat/completions", "//openai/v1/responses"] {
            assert_eq!(Call::read(&Method::POST, path), Err(NotACall::NoProvider), "{path}");
        }
    }
}
