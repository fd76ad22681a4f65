//! The origin: what CloudFront and the API gateways are in the cloud.

use std::net::TcpListener;
use std::path::Path;

use anyhow::Result;
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio_util::task::AbortOnDropHandle;

use super::spawn;
use crate::aws::access::{self, Access};
use crate::aws::dynamodb::Units;
use crate::control::{self, Control};
use crate::fault::Faults;
use crate::lambda::Lambda;
use crate::rest::{self, Rest};
use crate::socket::{self, Socket};
use crate::template::Template;

/// Sockets and switches first; every other path is the REST API's or the client's.
pub(super) fn router(
    template: &Template,
    lambda: &Lambda,
    client: &Path,
    units: Units,
    access: Access,
    faults: Faults,
) -> Router {
    let rest = Rest::new(lambda.clone(), template.rest.clone(), client, rest::Limits::default());
    let socket = Socket::new(lambda.clone(), template.socket.clone(), socket::Limits::default(), faults.clone());
    let control = Control { lambda: lambda.clone(), rest: rest.clone(), socket: socket.clone(), units, faults };
    socket::router(socket)
        .layer(from_fn_with_state(access, access::connections))
        .merge(control::router(control))
        .merge(rest::router(rest))
        .layer(middleware::from_fn(refuse_foreign_hosts))
}

/// The token is known to everybody and an agent runs commands: a web page must
/// not reach this origin under a name of its own that resolves to loopback.
async fn refuse_foreign_hosts(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    match host {
        Some(host) if !is_local(host) => {
            (StatusCode::MISDIRECTED_REQUEST, "the local stack answers to localhost only").into_response()
        }
        _ => next.run(request).await,
    }
}

fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// Serves the origin until the handle is dropped.
pub(super) fn serve(listener: TcpListener, router: Router) -> Result<AbortOnDropHandle<()>> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(spawn(async move {
        if let Err(error) = rest::serve(listener, router).await {
            tracing::error!("the origin failed: {error:#}");
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_foreign_name_for_this_machine_is_refused() {
        let router = Router::new().route("/", get(|| async {})).layer(middleware::from_fn(refuse_foreign_hosts));
        let table = [
            ("localhost:8787", StatusCode::OK),
            ("127.0.0.1:8787", StatusCode::OK),
            ("localhost", StatusCode::OK),
            ("evil.example:8787", StatusCode::MISDIRECTED_REQUEST),
            ("localhost.evil.example", StatusCode::MISDIRECTED_REQUEST),
        ];
        for (host, expected) in table {
            let request = Request::get("/").header(header::HOST, host).body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), expected, "{host}");
        }
    }
}
