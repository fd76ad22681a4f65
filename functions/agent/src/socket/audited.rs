//! Which of a viewer's frames the audit log records: as the routes that do the same.

use domain::audit::Deed;
use store::{Connection, Peer};
use web::audit::Origin;
use wire::viewer::FromViewer;

use crate::socket::SocketEvent;

/// What `frame` does, as if it had succeeded.
pub(crate) fn deed(connection: &Connection, event: &SocketEvent, frame: &FromViewer) -> Option<Deed> {
    let Connection { owner, session, .. } = connection;
    let (below, target) = match frame {
        FromViewer::Abort {} => ("abort", session.to_string()),
        FromViewer::Permission { permission_id, .. } => {
            ("permissions/{permission_id}", format!("{session}/permissions/{permission_id}"))
        }
        FromViewer::Question { question_id, .. } => {
            ("questions/{question_id}", format!("{session}/questions/{question_id}"))
        }
        FromViewer::Ping {} | FromViewer::Subscribe { .. } | FromViewer::Prompt { .. } => return None,
    };
    let by = match &connection.peer {
        Peer::Viewer { actor, .. } => Some(actor.to_string()),
        Peer::Runner { .. } => None,
    };
    let identity = &event.request_context.identity;
    let Origin { ip, user_agent } = Origin::new(identity.source_ip.as_deref(), identity.user_agent.as_deref());
    let action = format!("POST /agent/sessions/{{id}}/{below}");
    Some(Deed { at: web::now(), user_id: *owner, by, action, target, result: "ok".to_owned(), ip, user_agent })
}
