//! Runs a router as a Lambda function.

use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use domain::metric::Metric;
use domain::{SessionId, limits};
use lambda_http::Error;
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde_json::Value;
use tracing::Instrument;
use tracing::field::Empty;
use utoipa::openapi::OpenApi;

use crate::dead_letters::DeadLetters;
use crate::{ApiError, audit, aws, error, headers, metric, openapi};

/// Whether the function was started to print its OpenAPI document
/// (`sessions openapi`); it has done so then.
pub fn printed_openapi(document: &OpenApi) -> Result<bool, Error> {
    if std::env::args().nth(1).as_deref() != Some("openapi") {
        return Ok(false);
    }
    let mut document = document.clone();
    openapi::complete(&mut document);
    writeln!(std::io::stdout(), "{}", document.to_json()?)?;
    Ok(true)
}

/// Answers each request whole.
pub async fn buffered(router: Router) -> Result<(), Error> {
    lambda_http::run(layered(router)).await
}

/// Answers each request as a stream; its routes must be `RESPONSE_STREAM` in the template.
pub async fn streaming(router: Router) -> Result<(), Error> {
    lambda_http::run_with_streaming_response(layered(router)).await
}

/// Serves a function of events: each is carried out, or, on the command, those that failed to the
/// last (`DEAD_LETTERS_URL` names their queue). `margin` before Lambda ends an invocation none is begun: `carry_out` is told when that is.
pub async fn events(
    margin: Duration,
    carry_out: impl AsyncFn(Value, Instant) -> Result<Value, Error>,
) -> Result<(), Error> {
    let letters = DeadLetters::from_env(&aws::load().await)?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let LambdaEvent { payload, context } = event;
        let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(margin);
        if DeadLetters::asked_by(&payload) {
            let again = async |letter| invocation(&context.request_id, carry_out(letter, deadline)).await.is_ok();
            return Ok(letters.redrive(deadline, again).await?);
        }
        invocation(&context.request_id, carry_out(payload, deadline)).await
    }))
    .await
}

/// Carries out one invocation of a function of events: every line of its log names the
/// request, and one that fails is logged and counted.
pub async fn invocation<T, E: Into<Error>>(
    request_id: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    let span = tracing::info_span!(
        "invocation",
        request.id = request_id,
        session.id = Empty,
        turn.number = Empty,
        connection.id = Empty,
        trace.id = Empty
    );
    telemetry::continue_from(&span, None);
    let done = work.instrument(span.clone()).await.map_err(Into::into);
    if let Err(error) = &done {
        let _entered = span.entered();
        metric::count(Metric::Errors, "invocation_failed");
        tracing::error!(%error, "invocation failed");
    } else {
        drop(span);
    }
    telemetry::flush().await;
    done
}

/// The router with the layers that every function has.
pub fn layered(router: Router) -> Router {
    router
        .fallback(async || ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not take this method")
        })
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(middleware::from_fn(audit::record_requests))
        .layer(middleware::from_fn(error::write_bodies))
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn(log_request))
}

/// One line per request, and a span, in its caller's trace, that names it in every line before.
async fn log_request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "request",
        request.id = error::request_id(&request),
        request.route = route,
        session.id = session(request.uri().path()),
        turn.number = Empty,
        trace.id = Empty
    );
    let traceparent = request.headers().get(telemetry::TRACEPARENT).and_then(|value| value.to_str().ok());
    telemetry::continue_from(&span, traceparent);
    let method = request.method().clone();
    let response = async {
        let response = next.run(request).await;
        tracing::info!(request.method = %method, response.status = response.status().as_u16(), "request answered");
        response
    }
    .instrument(span)
    .await;
    telemetry::flush().await;
    response
}

/// The session that a path names, if it names one.
fn session(path: &str) -> Option<&str> {
    path.split('/').find(|part| part.parse::<SessionId>().is_ok())
}
