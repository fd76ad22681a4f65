//! The WebSocket that viewers and runners share.

mod audited;
mod connect;
mod event;
mod runner;
mod viewer;

use domain::RunnerClaim;
use store::Peer;

use crate::{AgentError, Deps};
pub use event::{SocketEvent, SocketReply};

/// Handles one event of the socket API. What goes wrong with a frame is told on
/// the socket; the reply's status matters for `$connect` alone.
pub async fn handle(deps: &Deps, event: SocketEvent) -> Result<SocketReply, AgentError> {
    match event.request_context.event_type.as_str() {
        "CONNECT" => Ok(connect::connect(deps, &event).await),
        "DISCONNECT" => disconnect(deps, &event.request_context.connection_id).await,
        _ => message(deps, &event).await,
    }
}

async fn disconnect(deps: &Deps, connection_id: &str) -> Result<SocketReply, AgentError> {
    if let Some(connection) = deps.connections.get(&deps.store, connection_id).await? {
        let watched = deps.store.remove_connection(connection_id, &connection).await?;
        deps.connections.forget(connection_id);
        if watched {
            viewer::left(deps, &connection, connection_id).await?;
        }
    }
    Ok(SocketReply::ok())
}

async fn message(deps: &Deps, event: &SocketEvent) -> Result<SocketReply, AgentError> {
    let connection_id = &event.request_context.connection_id;
    let Some(connection) = deps.connections.get(&deps.store, connection_id).await? else {
        deps.sockets.close(connection_id).await;
        return Ok(SocketReply::ok());
    };
    match &connection.peer {
        // The sweep closes the others of its kind.
        &Peer::Viewer { expires_at: Some(end), .. } if end <= web::now() => deps.sockets.close(connection_id).await,
        Peer::Viewer { scopes, .. } => viewer::frame(deps, &connection, scopes, event).await,
        &Peer::Runner { epoch } => {
            let claim = RunnerClaim { user_id: connection.owner, session_id: connection.session, epoch };
            runner::frame(deps, claim, event).await;
        }
    }
    Ok(SocketReply::ok())
}
