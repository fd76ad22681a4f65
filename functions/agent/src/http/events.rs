//! The session's events: followed live, or one by one.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::{Event, Principal, Seq, SessionId, limits};
use lambda_http::Context;
use serde::Deserialize;
use store::LogReader;
use utoipa::IntoParams;
use web::{ApiError, Caller, Path, Query, scope};
use wire::error::ErrorBody;

use crate::follow::{Follow, follow};
use crate::{AgentError, Deps};

/// When a stream has to end: some time before Lambda ends the invocation.
pub(crate) struct Deadline(Instant);

impl<S: Send + Sync> FromRequestParts<S> for Deadline {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let left = parts
            .extensions
            .get::<Context>()
            .and_then(|context| context.deadline().duration_since(SystemTime::now()).ok())
            .unwrap_or(Duration::from_secs(900));
        let margin = Duration::from_secs(limits::RENEW_MARGIN_SECONDS.unsigned_abs()).min(left / 4);
        Ok(Self(Instant::now() + left - margin))
    }
}

impl Deadline {
    /// The same for this caller, whose own time may be over before.
    pub(crate) fn of(self, caller: &Principal) -> Instant {
        let left = caller.expires_at.map(|end| Duration::try_from(end.duration_since(web::now())).unwrap_or_default());
        left.map_or(self.0, |left| self.0.min(Instant::now() + left))
    }
}

/// A response that proxies neither buffer nor keep.
pub(crate) fn sse(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Events behind this number; `Last-Event-ID` goes before it.
    #[param(value_type = Option<u64>)]
    after: Option<Seq>,
}

#[utoipa::path(get, path = "/agent/sessions/{id}/events", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), EventsQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "Sent by browsers that reconnect")),
    responses((status = 200, description = "Events as they were and as they come, until the session is terminated",
            content_type = "text/event-stream", body = String),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 410, body = ErrorBody)))]
pub(crate) async fn follow_events(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
    deadline: Deadline,
) -> Result<Response, ApiError> {
    let after = last_event_id(&headers)?.or(query.after).unwrap_or(0);
    let (session, head) = deps.store.session_and_head(caller.user_id, id).await?.ok_or(AgentError::NoSession)?;
    if after > head {
        return Err(ApiError::bad_request("invalid_cursor", format!("the last event is {head}")));
    }
    let mut log = LogReader::new(caller.user_id, id, after);
    if session.terminated_at.is_some() && after == head {
        // Nothing will come; 204 tells a browser's EventSource to stop.
        return Ok(axum::http::StatusCode::NO_CONTENT.into_response());
    }
    // Events that are no longer kept are an answer, not a broken stream.
    let first = log.read(&deps.store).await.map_err(AgentError::from)?;
    let busy = session.turn.is_some();
    let all = Follow {
        log,
        first,
        owner: caller.user_id,
        actor: caller.actor,
        session: id,
        busy,
        turn: None,
        deadline: deadline.of(&caller),
    };
    Ok(sse(Body::from_stream(follow(deps, all))))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, ApiError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let seq = value.to_str().ok().and_then(|text| text.parse().ok());
    seq.map(Some).ok_or_else(|| ApiError::bad_request("invalid_cursor", "Last-Event-ID is the number of an event"))
}

#[utoipa::path(get, path = "/agent/sessions/{id}/events/{seq}", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), ("seq" = u64, Path)),
    responses((status = 200, body = Event, description = "Whole, however large"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn get_event(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path((id, seq)): Path<(SessionId, Seq)>,
) -> Result<axum::Json<Event>, ApiError> {
    deps.store.session(caller.user_id, id).await?.ok_or(AgentError::NoSession)?;
    match deps.store.event(caller.user_id, id, seq).await? {
        Some(event) => Ok(axum::Json(event)),
        None => Err(ApiError::new(
            axum::http::StatusCode::NOT_FOUND,
            "event_not_found",
            "there is no event of this number, or it is no longer kept",
        )),
    }
}
