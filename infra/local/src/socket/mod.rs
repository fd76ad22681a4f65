//! API Gateway's WebSocket API in front of the functions, with `@connections`
//! and AWS's limits.
//!
//! Every message is an invocation of its own and they run at once: like AWS it
//! promises no order between the messages of a connection, in either direction.

mod connection;
mod counts;
mod event;
mod handshake;
mod manage;
mod route;
mod serve;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use bytes::Bytes;

use crate::fault::{Direction, Faults};
use crate::lambda::{InvokeError, Lambda};
use crate::signed::signed;
use crate::template::SocketApi;
use connection::Connection;
pub use counts::SocketStats;
use counts::{Counts, steps};
use event::Said;
use route::Routes;

/// API Gateway's quotas.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For one invocation.
    pub integration: Duration,
    /// Without a message in either direction.
    pub idle: Duration,
    /// Of a connection.
    pub life: Duration,
    /// Of a message, in bytes.
    pub message: usize,
    /// Of a frame, in bytes; a larger one closes the connection.
    pub frame: usize,
    /// Not yet taken by the client, in bytes; a slower client is cut off.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            integration: Duration::from_secs(29),
            idle: Duration::from_secs(10 * 60),
            life: Duration::from_secs(2 * 60 * 60),
            message: 128 * 1024,
            frame: 32 * 1024,
            queue: 8 * 1024 * 1024,
        }
    }
}

/// The WebSocket gateway; cloning it is cheap.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    lambda: Lambda,
    api: SocketApi,
    routes: Routes,
    limits: Limits,
    faults: Faults,
    connections: Mutex<HashMap<String, Arc<Connection>>>,
    counts: Counts,
}

impl Socket {
    /// A gateway for `api`.
    pub fn new(lambda: Lambda, api: SocketApi, limits: Limits, faults: Faults) -> Self {
        let routes = Routes::new(&api);
        let (connections, counts) = (Mutex::default(), Counts::default());
        Self(Arc::new(Inner { lambda, api, routes, limits, faults, connections, counts }))
    }

    /// What AWS would bill since the start, and what is open now.
    pub fn stats(&self) -> SocketStats {
        let open: Vec<Duration> = self.connections().values().map(|connection| connection.age()).collect();
        self.0.counts.read(&open)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        self.0.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Option<Arc<Connection>> {
        self.connections().get(id).cloned()
    }

    /// Invokes a route's function within the gateway's own limit.
    async fn invoke(&self, function: &str, event: Bytes) -> Result<Bytes, Failure> {
        let invoked = tokio::time::timeout(self.0.limits.integration, self.0.lambda.invoke(function, event));
        Ok(invoked.await.map_err(|_| Failure::Timeout)??)
    }

    /// Takes a client's message: lost, doubled, late or the last one if a fault wants it so.
    fn receive(&self, connection: &Arc<Connection>, said: Said) {
        self.0.counts.received(steps(said.body.len()));
        let fate = self.0.faults.fate(Direction::Inbound);
        if fate.cut {
            connection.break_off();
        }
        for delay in fate.deliveries {
            let (socket, connection, said) = (self.clone(), connection.clone(), said.clone());
            tokio::spawn(async move {
                later(delay).await;
                socket.dispatch(&connection, said).await;
            });
        }
    }

    async fn dispatch(&self, connection: &Arc<Connection>, said: Said) {
        let request = crate::lambda::request_id();
        let Some((key, function)) = self.0.routes.select(&said.body) else {
            return connection.complain("Forbidden", &request);
        };
        let event = event::message(&self.0.api, connection, key, &request, said);
        if let Err(failure) = self.invoke(function, event).await {
            connection.complain(failure.message(), &request);
        }
    }
}

/// Why a route's function gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Timeout,
    Function,
    Gateway,
}

impl Failure {
    fn message(self) -> &'static str {
        match self {
            Self::Timeout => "Endpoint request timed out",
            Self::Function | Self::Gateway => "Internal server error",
        }
    }
}

impl From<InvokeError> for Failure {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::Function(_) => Self::Function,
            InvokeError::Throttled | InvokeError::TooLarge | InvokeError::Unknown(_) => Self::Gateway,
        }
    }
}

/// Serves the raw stage, `@connections`, and the path that CloudFront maps to the stage.
pub fn router(socket: Socket) -> Router {
    let stage = format!("/_socket/{}", socket.0.api.stage);
    // Refusing what is too large is the API's own affair.
    let manage = post(manage::post).get(manage::get).delete(manage::delete).layer(DefaultBodyLimit::disable());
    Router::new()
        .route(&format!("{stage}/@connections/{{id}}"), manage.layer(from_fn(signed)))
        .route(&stage, get(handshake::stage))
        .route("/agent/sessions/{id}/ws", get(handshake::session))
        .with_state(socket)
}

async fn later(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}
