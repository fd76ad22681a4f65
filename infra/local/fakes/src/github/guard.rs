//! What happens to every call of the API before and after it is answered: who asks, how often,
//! and whether they have the answer already.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::data::Data;
use super::hub::Hub;
use super::jwt;
use super::refusal::Refusal;
use super::shape::Version;
use super::tokens::Opens;

/// Whoever asks with a token, and what they want to hear.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) opens: Opens,
    pub(super) version: Version,
}

/// The App itself, as its JWT says.
#[derive(Debug, Clone)]
pub(super) struct AsApp;

/// What the `Authorization` header proves.
enum Proof {
    Token {
        opens: Opens,
        text: String,
    },
    App,
    /// A client's id and secret, which the one route that wants them checks.
    Basic,
}

pub(super) async fn guard(State(hub): State<Hub>, mut request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let version = match admitted(&headers) {
        Ok(version) => version,
        Err(refusal) => return refusal.into_response(),
    };
    let proof = hub.data.read(|data| prove(data, &headers, hub.now_s()));
    let (who, text) = match proof {
        Err(refusal) => return refusal.into_response(),
        Ok(Proof::Token { opens, text }) => {
            let who = spender(&opens);
            request.extensions_mut().insert(Asker { opens, version });
            (who, text)
        }
        Ok(Proof::App) => {
            request.extensions_mut().insert(AsApp);
            ("app".to_owned(), String::new())
        }
        Ok(Proof::Basic) => ("client".to_owned(), String::new()),
    };
    let (is_get, is_free) = (request.method() == Method::GET, request.uri().path().ends_with("/rate_limit"));
    if !is_free && let Some(refusal) = hub.data.change(|data| data.spend(&who, !is_get, hub.now_s())) {
        return refusal;
    }
    let mut response = next.run(request).await;
    if is_get && response.status() == StatusCode::OK {
        response = tagged(response, &headers, &text).await;
        if response.status() == StatusCode::NOT_MODIFIED {
            hub.data.change(|data| data.give_back(&who));
        }
    }
    let (rate, limit) = hub.data.read(|data| (data.rate(&who, hub.now_s()), data.settings.calls_per_hour));
    rate.tell(limit, response.headers_mut());
    if let Ok(date) = HeaderValue::try_from(http_date(hub.now_s())) {
        response.headers_mut().insert(header::DATE, date);
    }
    response.headers_mut().insert("x-github-api-version-selected", HeaderValue::from_static(version.name()));
    response.headers_mut().insert("x-github-request-id", HeaderValue::from_static("FA4E:0:0:0:0"));
    response
}

/// Who has said who they are and which version they speak.
fn admitted(headers: &HeaderMap) -> Result<Version, Refusal> {
    if !headers.contains_key(header::USER_AGENT) {
        let message =
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header";
        return Err(Refusal::new(403, message));
    }
    let asked = headers.get("x-github-api-version").map(|value| value.to_str().unwrap_or_default());
    Version::of(asked).ok_or_else(|| Refusal::new(400, "The requested API version is not supported"))
}

fn prove(data: &Data, headers: &HeaderMap, now_s: i64) -> Result<Proof, Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, text)) = value.and_then(|value| value.split_once(' ')) else {
        return Err(Refusal::new(401, "Requires authentication"));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => Ok(Proof::Basic),
        "bearer" if text.starts_with("eyJ") => {
            jwt::verify(text, now_s).map(|()| Proof::App).map_err(|reason| Refusal::new(401, reason))
        }
        "bearer" | "token" => match data.tokens.get(text).filter(|token| token.is_good(now_s)) {
            Some(token) => open(data, token.opens.clone(), text),
            None => Err(Refusal::new(401, "Bad credentials")),
        },
        _ => Err(Refusal::new(401, "Bad credentials")),
    }
}

fn open(data: &Data, opens: Opens, text: &str) -> Result<Proof, Refusal> {
    if let Opens::Installation { installation, .. } = &opens {
        match data.installations.get(installation) {
            None => return Err(Refusal::new(401, "Bad credentials")),
            Some(known) if known.suspended => return Err(Refusal::new(403, "This installation has been suspended")),
            Some(_) => {}
        }
    }
    Ok(Proof::Token { opens, text: text.to_owned() })
}

/// Whose limit a call counts against: a user's is shared by all apps.
fn spender(opens: &Opens) -> String {
    match opens {
        Opens::Installation { installation, .. } => format!("installation:{installation}"),
        Opens::OauthUser { user, .. } | Opens::AppUser { user } => format!("user:{user}"),
    }
}

/// The answer with its `ETag`, or 304 for whoever has it. The tag varies with the token.
async fn tagged(response: Response, asked: &HeaderMap, token: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let link = parts.headers.get(header::LINK).map_or(&[][..], HeaderValue::as_bytes);
    let digest = Sha256::new().chain_update(token).chain_update(link).chain_update(&body).finalize();
    let tag = format!("W/\"{}\"", hex::encode(&digest[..16]));
    let has_it = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    parts.headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hex is a header's value"));
    if has_it {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

/// `Mon, 23 Nov 2026 22:00:00 GMT`
fn http_date(now_s: i64) -> String {
    let now = jiff::Timestamp::from_second(now_s).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `GET /rate_limit`, which costs nothing.
pub(super) async fn rate_limit(State(hub): State<Hub>, Extension(asker): Extension<Asker>) -> Json<Value> {
    let who = spender(&asker.opens);
    let (rate, limit) = hub.data.read(|data| (data.rate(&who, hub.now_s()), data.settings.calls_per_hour));
    let core = json!({
        "limit": limit, "used": rate.used, "remaining": limit.saturating_sub(rate.used), "reset": rate.reset_s
    });
    match asker.version {
        Version::Old => Json(json!({ "resources": { "core": core }, "rate": core })),
        Version::New => Json(json!({ "resources": { "core": core } })),
    }
}
