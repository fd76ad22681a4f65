//! A viewer's frames.

use domain::event::EventBody;
use domain::{Scope, Scopes, Seq, Session, limits};
use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use store::{AppendError, Connection, LogReader, Peer, Writer};
use web::ApiError;
use wire::messages::SendMessage;
use wire::runner::ToRunner;
use wire::viewer::{FromViewer, Subscribed, ToViewer};

use crate::delivery::{fan_out, frames};
use crate::http::check_message;
use crate::socket::SocketEvent;
use crate::socket::audited::deed;
use crate::sockets::Sent;
use crate::submit::{SubmitMessage, submit_message};
use crate::transition::{close_viewer, tell_watched};
use crate::{AgentError, Deps, control};

pub(crate) async fn frame(deps: &Deps, connection: &Connection, scopes: &Scopes, event: &SocketEvent) {
    let connection_id = &event.request_context.connection_id;
    let answer = match web::extract::parse_json(event.body.as_deref().unwrap_or_default().as_bytes()) {
        Ok(frame) => match scopes.require(scope_of(&frame)) {
            Ok(()) => counted(deps, connection, event, frame).await,
            Err(missing) => Err(missing.into()),
        },
        Err(error) => Err(error),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            error.log();
            Some(ToViewer::Error(error.detail(&event.request_context.request_id)))
        }
    };
    if let Some(frame) = answer {
        deps.sockets.send_json(connection_id, &frame).await;
    }
}

/// What a frame asks of the one who sends it.
fn scope_of(frame: &FromViewer) -> Scope {
    match frame {
        FromViewer::Ping {} | FromViewer::Subscribe { .. } => Scope::SessionsRead,
        FromViewer::Prompt { .. }
        | FromViewer::Abort {}
        | FromViewer::Permission { .. }
        | FromViewer::Question { .. } => Scope::SessionsWrite,
    }
}

/// Carries a frame out if the caller may send so many, and records what is recorded.
async fn counted(
    deps: &Deps,
    connection: &Connection,
    event: &SocketEvent,
    frame: FromViewer,
) -> Result<Option<ToViewer<'static>>, ApiError> {
    if let Peer::Viewer { actor, .. } = &connection.peer {
        web::limit::request(&deps.store, connection.owner, &actor.to_string()).await?;
    }
    let deed = deed(connection, event, &frame);
    let answer = carry_out(deps, connection, event, frame).await;
    if let Some(mut deed) = deed {
        if let Err(error) = &answer {
            error.code().clone_into(&mut deed.result);
        }
        web::audit::record(&deps.store, deed).await;
    }
    answer
}

async fn carry_out(
    deps: &Deps,
    connection: &Connection,
    event: &SocketEvent,
    frame: FromViewer,
) -> Result<Option<ToViewer<'static>>, ApiError> {
    let Connection { owner, session, .. } = *connection;
    match frame {
        FromViewer::Ping {} => Ok(Some(ToViewer::Pong { at: web::now() })),
        FromViewer::Subscribe { after } => subscribe(deps, connection, event, after).await,
        FromViewer::Prompt { content, client_id } => {
            let message = SendMessage { content, client_id, attachments: Vec::new() };
            let client_id = check_message(&message)?;
            let content = message.content;
            let accepted = submit_message(deps, SubmitMessage { owner, session, content, client_id }).await?;
            Ok(Some(ToViewer::Accepted(accepted)))
        }
        FromViewer::Abort {} => {
            control::abort(deps, owner, session).await?;
            Ok(None)
        }
        FromViewer::Permission { permission_id, reply } => {
            control::answer(deps, owner, session, &ToRunner::Permission { permission_id, reply }).await?;
            Ok(None)
        }
        FromViewer::Question { question_id, answers } => {
            control::answer(deps, owner, session, &ToRunner::Question { question_id, answers }).await?;
            Ok(None)
        }
    }
}

/// Begins to watch, or fills a gap.
///
/// A new viewer is first counted, then marked in the log, then reads the log. A
/// batch written without seeing the viewer stands before the mark and is read
/// here; one that stands behind it has seen the viewer. Nothing falls between.
async fn subscribe(
    deps: &Deps,
    connection: &Connection,
    event: &SocketEvent,
    after: Seq,
) -> Result<Option<ToViewer<'static>>, ApiError> {
    let Connection { owner, session: id, .. } = *connection;
    let connection_id = &event.request_context.connection_id;
    let (session, head) = deps.store.session_and_head(owner, id).await?.ok_or(AgentError::NoSession)?;
    if after > head {
        return Err(ApiError::bad_request("invalid_cursor", format!("the last event is {head}")));
    }
    if session.terminated_at.is_none() && deps.store.put_viewer(owner, id, connection_id, web::now()).await? {
        let viewers = deps.store.viewers(owner, id).await?;
        let mark = EventBody::ViewerJoined { viewers: count(&viewers) };
        let others: Vec<String> = viewers.into_iter().filter(|viewer| viewer != connection_id).collect();
        join(announce(deps, &session, head, mark, &others), tell_watched(deps, &session)).await.0?;
    }
    let head = replay(deps, connection, connection_id, after).await?;
    let connected_at = Timestamp::from_millisecond(event.request_context.connected_at)
        .ok()
        .filter(|at| at.as_millisecond() > 0)
        .unwrap_or(connection.connected_at);
    let life = SignedDuration::from_secs(limits::SOCKET_SECONDS_MAX - limits::RENEW_MARGIN_SECONDS);
    let subscribed = ToViewer::Subscribed(Subscribed { head, reconnect_before: connected_at + life });
    if session.terminated_at.is_none() {
        return Ok(Some(subscribed));
    }
    // Nothing will come any more: say so, as to those who watched when it ended.
    deps.sockets.send_json(connection_id, &subscribed).await;
    close_viewer(deps, connection_id).await;
    Ok(None)
}

/// Says that a viewer is gone; a session that has ended says nothing any more.
pub(crate) async fn left(deps: &Deps, connection: &Connection) -> Result<(), AgentError> {
    let Some((session, head)) = deps.store.session_and_head(connection.owner, connection.session).await? else {
        return Ok(());
    };
    if session.terminated_at.is_some() {
        return Ok(());
    }
    let viewers = deps.store.viewers(session.owner, session.id).await?;
    let mark = EventBody::ViewerLeft { viewers: count(&viewers) };
    announce(deps, &session, head, mark, &viewers).await
}

async fn announce(
    deps: &Deps,
    session: &Session,
    head: Seq,
    mark: EventBody,
    viewers: &[String],
) -> Result<(), AgentError> {
    let (owner, id) = (session.owner, session.id);
    let writer = Writer::Relay { epoch: session.epoch };
    let marked = deps.store.append(owner, id, writer, head, vec![mark.of_session()], web::now()).await;
    let marked = marked.map_err(|error| match error {
        AppendError::Fenced => AgentError::Busy,
        AppendError::Store(error) => error.into(),
    })?;
    fan_out(deps, owner, id, &marked.events, viewers).await;
    Ok(())
}

fn count(viewers: &[String]) -> u32 {
    u32::try_from(viewers.len()).unwrap_or(u32::MAX)
}

/// Sends the viewer what the log holds behind `after`; returns how far that is.
async fn replay(deps: &Deps, connection: &Connection, connection_id: &str, after: Seq) -> Result<Seq, AgentError> {
    let mut log = LogReader::new(connection.owner, connection.session, after);
    loop {
        let events = log.read(&deps.store).await?;
        if events.is_empty() {
            return Ok(log.after());
        }
        for frame in frames(connection.session, &events) {
            if deps.sockets.send(connection_id, frame).await != Sent::Delivered {
                return Ok(log.after());
            }
        }
    }
}
