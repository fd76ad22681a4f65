//! The semantics that our code depends on, seen through the fake's own HTTP surface.

mod calendar;
mod gmail;
mod oauth;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{CLIENT_ID, CLIENT_SECRET, Google};
use crate::World;

const ADA: &str = "ada@example.com";
const READ_MAIL: &str = "https://www.googleapis.com/auth/gmail.readonly";
const READ_CALENDAR: &str = "https://www.googleapis.com/auth/calendar.readonly";
const BACK: &str = "http://localhost/back";

/// A fake of its own.
struct Fake {
    google: Google,
    router: Router,
}

/// A response, read to its end.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
    body: Value,
}

impl Fake {
    fn start() -> Self {
        let world = Arc::new(World::new("http://127.0.0.1:1".into(), None).unwrap());
        let google = Google::open(world, None).unwrap();
        let router = Router::new().nest("/google", google.router()).nest("/control/google", google.control());
        Self { google, router }
    }

    async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Got { status: parts.status, headers: parts.headers, text, body }
    }

    async fn get(&self, path: &str, token: &str) -> Got {
        let request = Request::get(format!("/google{path}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Got {
        let request = Request::post(format!("/google{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let request =
            Request::post(format!("/google{path}")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(serde_urlencoded::to_string(fields).unwrap())).unwrap()).await
    }

    async fn order(&self, order: Value) -> Value {
        let request = Request::post("/control/google").header(header::CONTENT_TYPE, "application/json");
        let got = self.send(request.body(Body::from(order.to_string())).unwrap()).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.body
    }

    /// Goes to the consent page and comes back with the parameters of the redirect.
    async fn authorize(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let fixed = [("client_id", CLIENT_ID), ("redirect_uri", BACK), ("response_type", "code"), ("state", "s")];
        let query = serde_urlencoded::to_string(fixed.iter().chain(more).collect::<Vec<_>>()).unwrap();
        let got = self.get(&format!("/accounts/o/oauth2/v2/auth?{query}"), "").await;
        assert_eq!(got.status, 302, "{}", got.text);
        let location = got.headers[header::LOCATION].to_str().unwrap();
        serde_urlencoded::from_str(location.strip_prefix(BACK).unwrap().trim_start_matches('?')).unwrap()
    }

    async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Got {
        let fixed = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("redirect_uri", BACK),
            ("code", code),
        ];
        self.form("/oauth/token", &[&fixed, more].concat()).await
    }

    async fn refresh(&self, token: &str) -> Got {
        let secret = ("client_secret", CLIENT_SECRET);
        let fields = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), secret, ("refresh_token", token)];
        self.form("/oauth/token", &fields).await
    }

    /// The answer of a whole sign-in that allows everything.
    async fn connect(&self, scope: &str) -> Value {
        let asked = [("scope", scope), ("access_type", "offline"), ("prompt", "consent"), ("auto", "allow")];
        let code = value(&self.authorize(&asked).await, "code");
        self.exchange(&code, &[]).await.body
    }

    /// An access token for these scopes.
    async fn token(&self, scope: &str) -> String {
        text(&self.connect(scope).await["access_token"])
    }
}

fn value(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn reason(got: &Got) -> &str {
    got.body["error"]["errors"][0]["reason"].as_str().unwrap_or_default()
}

fn account(order: Value) -> Value {
    let mut order = order;
    order["account"] = json!(ADA);
    order
}
