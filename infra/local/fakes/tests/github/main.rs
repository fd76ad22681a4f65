//! GitHub's fake, as the product meets it: over HTTP. Each test has a fake of its own.

mod api;
mod apps;
mod browser;
mod hooks;
mod signin;

use std::sync::Arc;

use fakes::{Fakes, Options, listen};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// A running fake, and a client that follows no redirect.
pub(crate) struct Hub {
    pub(crate) url: String,
    pub(crate) http: Client,
    server: JoinHandle<()>,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        Self::start_for(None).await
    }

    pub(crate) async fn start_for(product: Option<String>) -> Self {
        let options = Options { product, ..Options::default() };
        let listener = listen(&options).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let fakes = Arc::new(Fakes::open(&options, address).expect("an empty state opens"));
        let server = tokio::spawn(async move { fakes.serve(listener).await.expect("it serves") });
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).user_agent("test").build();
        Self { url: format!("http://{address}"), http: http.expect("a client"), server }
    }

    pub(crate) fn site(&self, path: &str) -> String {
        format!("{}/github{path}", self.url)
    }

    /// A call of the API.
    pub(crate) fn api(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}/github/api{path}", self.url) };
        self.http.request(method, url).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        self.api(Method::GET, path, token).send().await.expect("an answer")
    }

    pub(crate) async fn json(&self, path: &str, token: &str) -> Value {
        self.get(path, token).await.json().await.expect("JSON")
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/control{path}", self.url);
        let answer = self.http.request(method, url).json(&body).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Lets the account's owner agree, and gives the code.
    pub(crate) async fn code(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let mut query = vec![
            ("client_id", client_id),
            ("redirect_uri", "http://127.0.0.1:1/back"),
            ("state", "s"),
            ("login", "octo-dev"),
            ("auto", "allow"),
        ];
        query.extend_from_slice(more);
        let query = serde_urlencoded::to_string(query).expect("a query");
        let url = self.site(&format!("/login/oauth/authorize?{query}"));
        let answer = self.http.get(url).send().await.expect("an answer");
        let back = answer.headers()["location"].to_str().expect("text").to_owned();
        back.split(['?', '&']).find_map(|part| part.strip_prefix("code=")).expect("a code").to_owned()
    }

    /// A call of the token endpoint.
    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Value {
        let body = serde_urlencoded::to_string(fields).expect("a form");
        let request = self.http.post(self.site("/login/oauth/access_token")).header("accept", "application/json");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "GitHub tells errors with 200, too");
        answer.json().await.expect("JSON")
    }

    /// Tokens of the App's user.
    pub(crate) async fn app_user(&self) -> Value {
        let code = self.code(fakes::github::CLIENT_ID, &[]).await;
        self.token(&app(&[("code", &code)])).await
    }

    /// An OAuth app's token with these scopes.
    pub(crate) async fn oauth_user(&self, scopes: &str) -> String {
        let code = self.code(fakes::github::OAUTH_CLIENT_ID, &[("scope", scopes)]).await;
        let id = ("client_id", fakes::github::OAUTH_CLIENT_ID);
        let answer = self.token(&[id, ("client_secret", fakes::github::OAUTH_CLIENT_SECRET), ("code", &code)]).await;
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// A repository of `octo-dev` with so many issues and pull requests.
    pub(crate) async fn repo(&self, name: &str, issues: u64, pulls: u64) -> u64 {
        let body = json!({ "owner": "octo-dev", "name": name, "issues": issues, "pulls": pulls });
        self.control(Method::POST, "/github/repos", body).await["id"].as_u64().expect("an id")
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The App's id and secret, with more.
pub(crate) fn app<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let id = [("client_id", fakes::github::CLIENT_ID), ("client_secret", fakes::github::CLIENT_SECRET)];
    id.into_iter().chain(more.iter().copied()).collect()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
