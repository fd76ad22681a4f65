//! The routes: chat completions, the list of models, and counts.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::perform::perform;
use crate::request::Request;
use crate::script::{self, Act, Directive, Unreadable};
use crate::state::State;
use crate::{answer, demo};

/// A long conversation with images fits.
const BODY_BYTES_MAX: usize = 32 << 20;

/// The whole server, with a memory of its own.
pub fn router() -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/stats", get(stats))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(State::new()))
}

async fn models() -> axum::Json<Value> {
    let model = json!({ "id": "demo", "object": "model", "created": 0, "owned_by": "demo" });
    axum::Json(json!({ "object": "list", "data": [model] }))
}

async fn stats(Shared(state): Shared<Arc<State>>) -> Response {
    axum::Json(state.stats()).into_response()
}

async fn chat(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Bytes) -> Response {
    let request = match Request::read(&headers, &body) {
        Ok(request) => request,
        Err(reason) => return answer::refused(StatusCode::BAD_REQUEST, &reason, None),
    };
    state.count_request(&request);
    let acts = match acts(&request, &state) {
        Ok(acts) => acts,
        Err(Unreadable(text)) => {
            let reason = format!("this directive can't be read: [[{text}");
            return answer::refused(StatusCode::BAD_REQUEST, &reason, None);
        }
    };
    if let Some((status, retry_after_s)) = acts.iter().find_map(refusal) {
        state.count_refused();
        let message = format!("the demo model was told to answer {status}");
        return answer::refused(status, &message, retry_after_s);
    }
    match request.stream {
        true => answer::streamed(&request, perform(acts), state),
        false => answer::whole(&request, perform(acts), &state).await,
    }
}

/// What to do for this request: a title, the next step of the script, or of the demo turn.
fn acts(request: &Request, state: &State) -> Result<Vec<Act>, Unreadable> {
    if request.is_title {
        return Ok(vec![Act::Say { text: demo::title(&request.words), delay_ms: 0 }]);
    }
    let script = script::parse(&request.words)?;
    if script.is_empty() {
        return Ok(demo::turn(request));
    }
    let acts = armed(request, &script, state);
    match acts.is_empty() {
        true => Ok(vec![Act::Say { text: "Done.".to_owned(), delay_ms: 0 }]),
        false => Ok(acts),
    }
}

/// The step's acts without the faults that are used up. A refusal counts alone: what follows it
/// has not been tried.
fn armed(request: &Request, script: &[Directive], state: &State) -> Vec<Act> {
    let (first, step) = script::step(script, request.results.len());
    let mut acts = Vec::new();
    for (at, directive) in step.iter().enumerate() {
        if state.fires(request, first + at, directive) {
            acts.push(directive.act.clone());
            if matches!(directive.act, Act::Refuse { .. } | Act::Cut { .. } | Act::ErrorChunk { .. } | Act::Hang { .. })
            {
                break;
            }
        }
    }
    acts
}

fn refusal(act: &Act) -> Option<(StatusCode, Option<u64>)> {
    match act {
        Act::Refuse { status, retry_after_s } => Some((StatusCode::from_u16(*status).ok()?, *retry_after_s)),
        _ => None,
    }
}
