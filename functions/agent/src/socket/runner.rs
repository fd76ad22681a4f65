//! A runner's frames.

use domain::RunnerClaim;
use domain::message::TurnError;
use futures_util::future::join;
use wire::runner::{FromRunner, INVALID_FRAME, ToRunner};

use crate::append::append;
use crate::runner::{heartbeat, hello};
use crate::socket::SocketEvent;
use crate::{AgentError, Deps, snapshot};

pub(crate) async fn frame(deps: &Deps, claim: RunnerClaim, event: &SocketEvent) {
    let connection_id = &event.request_context.connection_id;
    let answer = match serde_json::from_str(event.body.as_deref().unwrap_or_default()) {
        Ok(FromRunner::Hello { .. }) => hello(deps, claim, connection_id).await.map(ToRunner::Welcome),
        Ok(FromRunner::Heartbeat { .. }) => heartbeat(deps, claim, connection_id).await.map(ToRunner::Alive),
        Ok(FromRunner::SnapshotReady { bytes, .. }) => snapshot::ready(deps, claim, bytes).await,
        Ok(FromRunner::SnapshotStored { version, bytes, .. }) => snapshot::stored(deps, claim, version, bytes).await,
        Ok(FromRunner::Leave { .. }) => snapshot::leave(deps, claim).await,
        Ok(FromRunner::Append(batch)) => match append(deps, claim, batch).await {
            Ok(appended) => {
                // The runner's next batch waits for the acknowledgement alone, not for slow viewers.
                let ack = ToRunner::Ack(appended.ack.clone());
                join(deps.sockets.send_json(connection_id, &ack), appended.deliver(deps, claim)).await;
                return;
            }
            Err(error) => Err(error),
        },
        Err(error) => Ok(ToRunner::Error(TurnError {
            code: INVALID_FRAME.to_owned(),
            message: format!("the frame was not understood: {error}"),
        })),
    };
    match answer {
        Ok(frame) => drop(deps.sockets.send_json(connection_id, &frame).await),
        Err(error) => refuse(deps, connection_id, error).await,
    }
}

async fn refuse(deps: &Deps, connection_id: &str, error: AgentError) {
    match error {
        AgentError::Fenced(_) | AgentError::NoSession | AgentError::Terminated => {
            let stop = ToRunner::Stop { reason: error.to_string() };
            deps.sockets.send_json(connection_id, &stop).await;
            deps.sockets.close(connection_id).await;
        }
        error => {
            tracing::error!(%error, "a runner's frame was not carried out");
            let frame = ToRunner::Error(TurnError { code: "unavailable".to_owned(), message: "try again".to_owned() });
            deps.sockets.send_json(connection_id, &frame).await;
        }
    }
}
