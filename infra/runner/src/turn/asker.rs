//! Consent for what our own tools do: asked for in the turn in hand, as OpenCode's own tools ask.

use domain::event::PermissionReply;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::Driver;
use super::agent::Report;
use crate::opencode::{Event, PermissionRequest};

/// What is to be consented to.
pub(crate) struct Ask {
    permission: String,
    /// Exactly what will be done.
    action: Value,
    answer: oneshot::Sender<PermissionReply>,
}

/// Asks the user; cheap to clone.
#[derive(Clone)]
pub struct Asker {
    pub(super) reports: UnboundedSender<Report>,
}

impl Asker {
    /// The user's word; `None` when there was none in time, or no turn that it could belong to.
    pub async fn ask(&self, permission: String, action: Value) -> Option<PermissionReply> {
        let (answer, answered) = oneshot::channel();
        self.reports.send(Report::Asked(Ask { permission, action, answer })).ok()?;
        answered.await.ok()
    }
}

impl Driver {
    /// Who asks the user in this driver's turns.
    pub fn asker(&self) -> Asker {
        Asker { reports: self.reports.clone() }
    }

    pub(super) fn asked(&mut self, ask: Ask) {
        let Some(current) = &mut self.current else { return };
        let id = format!("act_{:032x}", rand::random::<u128>());
        let request = PermissionRequest {
            id: id.clone(),
            session: String::new(),
            patterns: vec![ask.action.to_string()],
            permission: ask.permission,
            always: Vec::new(),
            metadata: ask.action,
            tool: None,
        };
        let bodies = current.translator.apply(Event::PermissionAsked(request));
        self.asks.insert(id, ask.answer);
        self.emit(bodies);
    }

    /// Hands the user's answer to whoever asked; whether it was one of ours.
    pub(super) fn consented(&mut self, id: &str, reply: &PermissionReply) -> bool {
        let (Some(answer), Some(current)) = (self.asks.remove(id), &mut self.current) else { return false };
        let word = match reply {
            PermissionReply::Once => "once",
            PermissionReply::Always => "always",
            PermissionReply::Reject { .. } => "reject",
        };
        let bodies = current.translator.apply(Event::PermissionReplied { id: id.to_owned(), reply: word.to_owned() });
        self.emit(bodies);
        // Whoever asked may be gone.
        let _ = answer.send(reply.clone());
        true
    }
}
