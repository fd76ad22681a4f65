//! Which route a message takes: the selection expression, else `$default`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template::SocketApi;

pub(super) struct Routes {
    functions: BTreeMap<String, String>,
    /// Names after `$request.body.`.
    path: Vec<String>,
    /// Whether any message can choose: else there is nothing to parse for.
    chosen: bool,
}

impl Routes {
    pub(super) fn new(api: &SocketApi) -> Self {
        let functions: BTreeMap<_, _> =
            api.routes.iter().map(|route| (route.key.clone(), route.function.clone())).collect();
        let path = api.selection.trim_start_matches("$request.body.").split('.').map(str::to_owned).collect();
        let chosen = functions.keys().any(|key| !key.starts_with('$'));
        Self { functions, path, chosen }
    }

    /// The function of `$connect` or `$disconnect`, if the template routes it.
    pub(super) fn function(&self, key: &str) -> Option<&str> {
        self.functions.get(key).map(String::as_str)
    }

    /// The route key and function of a message.
    pub(super) fn select(&self, body: &[u8]) -> Option<(&str, &str)> {
        let chosen = self.chosen.then(|| self.choice(body)).flatten();
        // No message can choose a route that is the gateway's own.
        let chosen = chosen.filter(|key| !key.starts_with('$'));
        let found = chosen.and_then(|key| self.functions.get_key_value(&key));
        let (key, function) = found.or_else(|| self.functions.get_key_value("$default"))?;
        Some((key, function))
    }

    fn choice(&self, body: &[u8]) -> Option<String> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let value = self.path.iter().try_fold(&body, |value, name| value.get(name))?;
        value.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::SocketRoute;

    fn routes(keys: &[&str]) -> Routes {
        let routes = keys.iter().map(|key| SocketRoute { key: (*key).into(), function: format!("f:{key}") });
        let selection = "$request.body.meta.action".into();
        Routes::new(&SocketApi { id: "s".into(), stage: "live".into(), selection, routes: routes.collect() })
    }

    #[test]
    fn a_message_takes_the_route_that_it_names_or_the_default() {
        let routes = routes(&["$connect", "$default", "ping"]);
        for (body, key) in [
            (r#"{"meta":{"action":"ping"}}"#, "ping"),
            (r#"{"meta":{"action":"pong"}}"#, "$default"),
            (r#"{"meta":{"action":"$connect"}}"#, "$default"),
            (r#"{"action":"ping"}"#, "$default"),
            ("not JSON", "$default"),
        ] {
            assert_eq!(routes.select(body.as_bytes()), Some((key, format!("f:{key}").as_str())), "{body}");
        }
    }

    #[test]
    fn without_a_default_an_unknown_message_has_no_route() {
        assert_eq!(routes(&["$connect", "ping"]).select(b"{}"), None);
    }
}
