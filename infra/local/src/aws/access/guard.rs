//! The door of each service: who signed, and may they.

use std::collections::BTreeSet;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::json;

use super::{Access, Denied, Need, needs};

/// DynamoDB's own bound on a request; nothing here takes more.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// For DynamoDB's listener.
pub async fn dynamodb(State(access): State<Access>, request: Request, next: Next) -> Response {
    whole(&access, request, next, |target, body| needs::dynamodb(target.rsplit('.').next().unwrap_or_default(), body))
        .await
}

/// For the listener of the services that speak AWS JSON.
pub async fn json(State(access): State<Access>, request: Request, next: Next) -> Response {
    whole(&access, request, next, |target, body| needs::json(&access.0, target, body)).await
}

/// For `@connections`; other paths are no affair of a role.
pub async fn connections(State(access): State<Access>, request: Request, next: Next) -> Response {
    let need = needs::connection(&access.0, request.method(), request.uri().path());
    let signer = signer(request.headers(), request.uri());
    match (need, signer) {
        (Some(need), Some(signer)) => match access.check(&signer, [need]) {
            Ok(()) => next.run(request).await,
            Err(denied) => refuse_json(StatusCode::FORBIDDEN, &denied),
        },
        // Unsigned: the gateway itself refuses it.
        _ => next.run(request).await,
    }
}

/// For S3's listener: presigned URLs act for who signed them.
pub async fn s3(State(access): State<Access>, request: Request, next: Next) -> Response {
    // Unsigned: the store itself refuses it.
    let Some(signer) = signer(request.headers(), request.uri()) else { return next.run(request).await };
    let mut call = needs::s3(request.method(), request.uri());
    let request = if call.deletes_many {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else { return too_large() };
        call.needs = needs::deleted(&parts.uri, &body);
        Request::from_parts(parts, Body::from(body))
    } else {
        request
    };
    if access.check(&signer, call.needs).is_err() {
        return refuse_xml();
    }
    let answer = next.run(request).await;
    let telling = call.telling.filter(|_| answer.status() == StatusCode::NOT_FOUND);
    match access.check(&signer, telling) {
        Ok(()) => answer,
        Err(_) => refuse_xml(),
    }
}

async fn whole(
    access: &Access,
    request: Request,
    next: Next,
    needs: impl FnOnce(&str, &Bytes) -> BTreeSet<Need>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else { return too_large() };
    let Some(signer) = signer(&parts.headers, &parts.uri) else {
        let body =
            json!({ "__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token" });
        return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
    };
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match access.check(&signer, needs(target, &body)) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(denied) => refuse_json(StatusCode::BAD_REQUEST, &denied),
    }
}

/// The access key that a request, or its URL, is signed with.
pub(in crate::aws) fn signer(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let scope = match headers.get(header::AUTHORIZATION) {
        Some(value) => value.to_str().ok()?.split("Credential=").nth(1)?.to_owned(),
        None => needs::query(uri).into_iter().find(|(name, _)| name == "X-Amz-Credential")?.1,
    };
    scope.split('/').next().map(str::to_owned)
}

fn refuse_json(status: StatusCode, denied: &Denied) -> Response {
    let body = json!({ "__type": "AccessDeniedException", "message": denied.to_string() });
    (status, [("x-amzn-errortype", "AccessDeniedException")], axum::Json(body)).into_response()
}

fn refuse_xml() -> Response {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn too_large() -> Response {
    StatusCode::PAYLOAD_TOO_LARGE.into_response()
}
