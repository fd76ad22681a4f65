//! The fake's process, and what is ordered there.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use axum::http::HeaderMap;
use integrations::providers::google::{Calendar, Gmail, Google};
use integrations::providers::{Authorization, Code, Failure, Grant, Provider, Settings};
use jiff::Timestamp;
use reqwest::{Client, Response};
use serde_json::{Value, json};

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const BACK: &str = "http://localhost/back";
pub(crate) const AUDIENCE: &str = "gmail-push.fake";

/// A Google of the test's own.
pub(crate) struct Fake {
    url: String,
    pub(crate) http: Client,
    pub(crate) gmail: Gmail,
    pub(crate) calendar: Calendar,
    process: Child,
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Fake {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With settings that differ from what the fake says of itself.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut process = Command::new(program()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let google = &told["providers"]["google"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |names: &[(&str, &str)], from: &Value| -> Vec<(String, String)> {
            names.iter().map(|(ours, theirs)| ((*ours).to_owned(), text(&from[*theirs]))).collect()
        };
        let mut values = of(
            &[
                ("GOOGLE_ACCOUNTS_URL", "GoogleAccountsUrl"),
                ("GOOGLE_OAUTH_URL", "GoogleOauthUrl"),
                ("GOOGLE_CERTS_URL", "GoogleCertsUrl"),
                ("GMAIL_URL", "GmailUrl"),
                ("GOOGLE_CALENDAR_URL", "GoogleCalendarUrl"),
                ("GMAIL_TOPIC", "GmailTopic"),
                ("GMAIL_PUSH_SUBSCRIPTION", "GmailPushSubscription"),
                ("GMAIL_PUSH_ACCOUNT", "GmailPushAccount"),
                ("GMAIL_PUSH_AUDIENCE", "GmailPushAudience"),
            ],
            &google["parameters"],
        );
        let secrets = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"];
        values.extend(of(&secrets.map(|name| (name, name)), &google["settings"]));
        values.retain(|(name, _)| !settings.iter().any(|(other, _)| name == other));
        values.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let settings = Settings::new(http.clone(), values);
        let google = Google::new(&settings);
        let (gmail, calendar) = (Gmail::new(google.clone(), &settings), Calendar::new(google, &settings));
        Self { url: text(&told["url"]), http, gmail, calendar, process }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let sent = self.http.post(format!("{}{path}", self.url)).json(body).send().await.unwrap();
        assert!(sent.status().is_success(), "{body}: {}", sent.text().await.unwrap());
        sent
    }

    /// Something that Google or the person does.
    pub(crate) async fn order(&self, order: Value) -> Value {
        let mut order = order;
        let of_nobody = ["sign", "rotate_keys", "quota", "refresh_seconds", "notifications", "release"];
        if !of_nobody.iter().any(|name| order["do"] == *name) {
            order["account"] = ADA.into();
        }
        self.post("/control/google", &order).await.json().await.unwrap()
    }

    /// The calls to `path`, in which `*` stands for anything, fail next.
    pub(crate) async fn fail(&self, path: &str, status: u16, reason: &str, more: Value) {
        let error = json!({ "error": { "code": status, "errors": [{ "reason": reason }] } });
        let mut fault = json!({ "provider": "google", "path": path, "answer": { "status": status, "body": error } });
        for (name, value) in more.as_object().into_iter().flatten() {
            match name.as_str() {
                "retry_after" => fault["answer"]["headers"] = json!({ "retry-after": value }),
                "body" => fault["answer"]["body"] = value.clone(),
                _ => fault[name] = value.clone(),
            }
        }
        self.post("/control/faults", &fault).await;
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        self.post("/control/clock", &json!({ "advance_s": seconds })).await;
    }

    /// What the person has there.
    pub(crate) async fn state(&self) -> Value {
        let url = format!("{}/control/google?account={ADA}", self.url);
        let mut state: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        state["accounts"][0].take()
    }

    /// The headers of each notification that was sent.
    pub(crate) async fn sent(&self) -> Vec<HeaderMap> {
        let url = format!("{}/control/google", self.url);
        let state: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let headers = |sent: &Value| -> HeaderMap {
            let pairs: Vec<(String, String)> = serde_json::from_value(sent["headers"].clone()).unwrap();
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
        };
        state["sent"].as_array().unwrap().iter().map(headers).collect()
    }

    /// Calls of Google's API so far whose path has this in it.
    pub(crate) async fn calls(&self, path: &str) -> usize {
        let url = format!("{}/control/calls?provider=google&path={path}", self.url);
        self.http.get(url).send().await.unwrap().json::<Vec<Value>>().await.unwrap().len()
    }

    /// Goes through consent and gives what comes back in the redirect's query.
    pub(crate) async fn consent(&self, provider: &dyn Provider, more: &str) -> Vec<(String, String)> {
        self.consent_to(provider, false, more).await
    }

    async fn consent_to(&self, provider: &dyn Provider, actions: bool, more: &str) -> Vec<(String, String)> {
        let asked = Authorization {
            redirect_uri: BACK,
            state: "state",
            code_challenge: &challenge(VERIFIER),
            actions,
            account: None,
        };
        let url = provider.authorize_url(&asked).unwrap();
        let page = self.http.get(format!("{url}&account={ADA}{more}")).send().await.unwrap();
        let location = page.headers()["location"].to_str().unwrap().to_owned();
        serde_urlencoded::from_str(location.split_once('?').unwrap().1).unwrap()
    }

    /// Connects the person's account, who allows all but the scopes unticked.
    pub(crate) async fn connect(&self, provider: &dyn Provider, more: &str) -> Result<Grant, Failure> {
        self.connect_to(provider, false, more).await
    }

    /// The same, with what actions need if they are on.
    pub(crate) async fn connect_to(
        &self,
        provider: &dyn Provider,
        actions: bool,
        more: &str,
    ) -> Result<Grant, Failure> {
        let back = self.consent_to(provider, actions, &format!("&auto=allow{more}")).await;
        let code = &back.iter().find(|(name, _)| name == "code").unwrap().1;
        let code = Code { code, redirect_uri: BACK, code_verifier: VERIFIER, now: Timestamp::now() };
        provider.exchange(&code).await
    }
}

pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-at-least-0";

fn challenge(verifier: &str) -> String {
    use base64::Engine as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}

/// Where cargo put this test, and with it the fake.
fn program() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let program = this.ancestors().nth(2).unwrap().join("fakes");
    assert!(program.is_file(), "{} is not built: run `cargo local test`", program.display());
    program
}
