//! Consent for what our own tools do: asked for in the turn in hand, as OpenCode's own tools ask.

use std::collections::{HashMap, HashSet};

use domain::event::PermissionReply;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::Driver;
use super::agent::Report;
use crate::opencode::{Event, PermissionRequest};

/// What is to be consented to.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The tool, as the agent knows it.
    pub permission: String,
    /// Exactly what will be done, for people.
    pub lines: Vec<String>,
    /// The same for programs.
    pub action: Value,
    /// What a consent for good is about.
    pub always: String,
}

/// A wish that waits for the user.
pub(crate) struct Ask {
    id: String,
    wish: Wish,
    answer: oneshot::Sender<PermissionReply>,
}

/// What our own tools were allowed, and what they wait for.
#[derive(Default)]
pub(super) struct Asks {
    /// By the id under which it was asked.
    open: HashMap<String, Ask>,
    /// What the user has consented to for as long as this sandbox lives: permission and `always`.
    granted: HashSet<(String, String)>,
}

impl Asks {
    /// Nobody waits any more; whoever does is told that there is no consent.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// One is not answered any more; whether it was one of ours.
    pub(super) fn give_up(&mut self, id: &str) -> bool {
        self.open.remove(id).is_some()
    }
}

/// Asks the user; cheap to clone.
#[derive(Clone)]
pub struct Asker {
    reports: UnboundedSender<Report>,
}

/// Takes the question back when whoever asked has gone.
struct Withdrawal {
    reports: UnboundedSender<Report>,
    id: String,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        // The driver may have ended.
        let _ = self.reports.send(Report::Withdrawn(std::mem::take(&mut self.id)));
    }
}

impl Asker {
    /// The user's word; `None` when there was none in time, or no turn that it could belong to.
    pub async fn ask(&self, wish: Wish) -> Option<PermissionReply> {
        let (answer, answered) = oneshot::channel();
        let id = format!("act_{:032x}", rand::random::<u128>());
        let _withdrawal = Withdrawal { reports: self.reports.clone(), id: id.clone() };
        self.reports.send(Report::Asked(Ask { id, wish, answer })).ok()?;
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
        let Wish { permission, lines, action, always } = ask.wish.clone();
        if self.asks.granted.contains(&(permission.clone(), always.clone())) {
            // Whoever asked may be gone; the same holds below.
            let _ = ask.answer.send(PermissionReply::Always);
            return;
        }
        let request = PermissionRequest {
            id: ask.id.clone(),
            session: String::new(),
            permission,
            patterns: lines,
            always: vec![always],
            metadata: action,
            tool: None,
        };
        let bodies = current.translator.apply(Event::PermissionAsked(request));
        self.asks.open.insert(ask.id.clone(), ask);
        self.emit(bodies);
    }

    /// Closes the question of someone who no longer waits for the answer.
    pub(super) fn withdrawn(&mut self, id: &str) {
        if self.asks.give_up(id)
            && let Some(current) = &mut self.current
        {
            let bodies = current.translator.withdraw(id);
            self.emit(bodies);
        }
    }

    /// Hands the user's answer to whoever asked; whether it was one of ours.
    pub(super) fn consented(&mut self, id: &str, reply: &PermissionReply) -> bool {
        let (Some(ask), Some(current)) = (self.asks.open.remove(id), &mut self.current) else { return false };
        let word = match reply {
            PermissionReply::Once => "once",
            PermissionReply::Always => "always",
            PermissionReply::Reject { .. } => "reject",
        };
        if matches!(reply, PermissionReply::Always) {
            self.asks.granted.insert((ask.wish.permission, ask.wish.always));
        }
        let bodies = current.translator.apply(Event::PermissionReplied { id: id.to_owned(), reply: word.to_owned() });
        self.emit(bodies);
        let _ = ask.answer.send(reply.clone());
        true
    }
}
