//! A viewer's frames.

use domain::event::EventBody;
use domain::{Scope, Scopes, Seq, Session, limits};
use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use store::{AppendError, Connection, LogReader, Peer, Writer};
use tracing::Instrument as _;
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
        Ok(frame) => match scopes_of(&frame).iter().try_for_each(|scope| scopes.require(*scope)) {
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
fn scopes_of(frame: &FromViewer) -> &'static [Scope] {
    match frame {
        FromViewer::Ping {} | FromViewer::Subscribe { .. } => &[Scope::SessionsRead],
        FromViewer::Prompt { attachments, .. } if !attachments.is_empty() => &[Scope::SessionsWrite, Scope::FilesRead],
        FromViewer::Prompt { .. }
        | FromViewer::Abort {}
        | FromViewer::Permission { .. }
        | FromViewer::Question { .. } => &[Scope::SessionsWrite],
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
        FromViewer::Ping {} => {
            Ok(Some(ToViewer::Pong { at: web::now(), head: deps.store.last_seq(owner, session).await? }))
        }
        FromViewer::Subscribe { after } => subscribe(deps, connection, event, after).await,
        FromViewer::Prompt { content, client_id, attachments, traceparent } => {
            let span = tracing::info_span!("prompt", session.id = %session, trace.id = tracing::field::Empty);
            telemetry::continue_from(&span, traceparent.as_deref());
            let message = SendMessage { content, client_id, attachments };
            let client_id = check_message(&message)?;
            let SendMessage { content, attachments, .. } = message;
            let command = SubmitMessage { owner, session, content, attachments, client_id };
            let accepted = submit_message(deps, command).instrument(span).await?;
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
    let (mut session, head) = deps.store.session_and_head(owner, id).await?.ok_or(AgentError::NoSession)?;
    if after > head {
        return Err(ApiError::bad_request("invalid_cursor", format!("the last event is {head}")));
    }
    if session.terminated_at.is_none() && deps.store.put_viewer(owner, id, connection_id, web::now()).await? {
        let marked = announce(deps, connection, connection_id, |viewers| EventBody::ViewerJoined { viewers });
        let (marked, ()) = join(marked, tell_watched(deps, &session)).await;
        session = marked?;
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

/// Says that a viewer is gone.
pub(crate) async fn left(deps: &Deps, connection: &Connection, connection_id: &str) -> Result<(), AgentError> {
    match announce(deps, connection, connection_id, |viewers| EventBody::ViewerLeft { viewers }).await {
        Ok(_) | Err(AgentError::NoSession) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Marks in the log how many watch now, unless the session has ended: nothing stands behind that.
/// Tells the others, and gives the session as it was found.
async fn announce(
    deps: &Deps,
    connection: &Connection,
    connection_id: &str,
    mark: impl Fn(u32) -> EventBody,
) -> Result<Session, AgentError> {
    let Connection { owner, session: id, .. } = *connection;
    for _ in 0..limits::RACE_RETRIES_MAX {
        // In this order: an end that is not seen here stands behind this head.
        let head = deps.store.last_seq(owner, id).await?;
        let session = deps.store.session(owner, id).await?.ok_or(AgentError::NoSession)?;
        if session.terminated_at.is_some() {
            return Ok(session);
        }
        let mut viewers = deps.store.viewers(owner, id).await?;
        let (writer, entry) = (Writer::Relay { epoch: session.epoch }, mark(count(&viewers)).of_session());
        let marked = deps.store.append(owner, id, writer, head.max(session.head), vec![entry], web::now()).await;
        match marked {
            Ok(marked) => {
                viewers.retain(|viewer| viewer != connection_id);
                fan_out(deps, owner, id, &marked.events, &viewers).await;
                return Ok(session);
            }
            Err(AppendError::Fenced) => {}
            Err(AppendError::Store(error)) => return Err(error.into()),
        }
    }
    Err(AgentError::Busy)
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
