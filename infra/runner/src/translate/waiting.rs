//! What the agent waits for: consent and answers of the user.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{EventBody, Permission, PermissionReply, Question};
use tokio::time::Instant;

use crate::opencode::{PermissionRequest, QuestionRequest};

/// The permissions and questions of a turn.
#[derive(Default)]
pub(super) struct Waiting {
    permissions: BTreeMap<String, Open>,
    /// With the time at which each was asked.
    questions: BTreeMap<String, Instant>,
    /// What is settled stays so, whatever an older account of OpenCode's says.
    closed: BTreeSet<String>,
}

/// A permission that OpenCode has not confirmed an answer to.
struct Open {
    since: Instant,
    /// The answer that was forwarded, if there is one yet.
    reply: Option<PermissionReply>,
}

/// What nobody has answered in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overdue {
    Permission(String),
    Question(String),
}

impl Waiting {
    pub(super) fn permission(&mut self, request: PermissionRequest) -> Vec<EventBody> {
        if self.permissions.contains_key(&request.id) || self.closed.contains(&request.id) {
            return Vec::new();
        }
        self.permissions.insert(request.id.clone(), Open { since: Instant::now(), reply: None });
        let PermissionRequest { id, permission, patterns, always, metadata, tool, .. } = request;
        let call_id = tool.map(|tool| tool.call);
        vec![EventBody::PermissionAsked {
            permission: Permission { id, permission, patterns, always, call_id, metadata },
        }]
    }

    /// Keeps the answer that is on its way: OpenCode's confirmation lacks the message. Whether it
    /// is the first one to something that is open.
    pub(super) fn answering(&mut self, id: &str, reply: PermissionReply) -> bool {
        match self.permissions.get_mut(id) {
            Some(open) if open.reply.is_none() => open.reply.replace(reply).is_none(),
            _ => false,
        }
    }

    pub(super) fn permission_replied(&mut self, id: &str, reply: &str) -> Vec<EventBody> {
        let Some(Open { reply: forwarded, .. }) = self.permissions.remove(id) else { return Vec::new() };
        self.closed.insert(id.to_owned());
        let reply = match (reply, forwarded) {
            ("reject", Some(reply @ PermissionReply::Reject { .. })) => reply,
            ("once", _) => PermissionReply::Once,
            ("always", _) => PermissionReply::Always,
            _ => PermissionReply::Reject { message: None },
        };
        vec![EventBody::PermissionAnswered { permission_id: id.to_owned(), reply }]
    }

    pub(super) fn question(&mut self, request: QuestionRequest) -> Vec<EventBody> {
        if self.questions.contains_key(&request.id) || self.closed.contains(&request.id) {
            return Vec::new();
        }
        self.questions.insert(request.id.clone(), Instant::now());
        let QuestionRequest { id, questions, tool, .. } = request;
        vec![EventBody::QuestionAsked { question: Question { id, questions, call_id: tool.map(|tool| tool.call) } }]
    }

    pub(super) fn question_replied(&mut self, id: &str, answers: Option<Vec<Vec<String>>>) -> Vec<EventBody> {
        if self.questions.remove(id).is_none() {
            return Vec::new();
        }
        self.closed.insert(id.to_owned());
        vec![EventBody::QuestionAnswered { question_id: id.to_owned(), answers }]
    }

    /// Since when the oldest of what is unanswered has waited.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        let unanswered = self.permissions.values().filter(|open| open.reply.is_none()).map(|open| open.since);
        unanswered.chain(self.questions.values().copied()).min()
    }

    /// Closes what was asked until `then` and is unanswered.
    pub(super) fn expire(&mut self, then: Instant, reason: &str) -> (Vec<EventBody>, Vec<Overdue>) {
        let late = self.permissions.extract_if(.., |_, open| open.reply.is_none() && open.since <= then);
        let permissions: Vec<String> = late.map(|(id, _)| id).collect();
        let questions: Vec<String> =
            self.questions.extract_if(.., |_, since| *since <= then).map(|(id, _)| id).collect();
        self.closed.extend(permissions.iter().chain(&questions).cloned());
        let bodies = closing(permissions.clone(), questions.clone(), reason);
        let overdue = permissions.into_iter().map(Overdue::Permission);
        (bodies, overdue.chain(questions.into_iter().map(Overdue::Question)).collect())
    }

    /// Closes one permission, if it is open.
    pub(super) fn withdraw(&mut self, id: &str, reason: &str) -> Vec<EventBody> {
        if self.permissions.remove(id).is_none() {
            return Vec::new();
        }
        self.closed.insert(id.to_owned());
        closing(vec![id.to_owned()], Vec::new(), reason)
    }

    /// Nobody waits any more: what is open is closed, so that no viewer is left asking.
    pub(super) fn clear(&mut self, reason: &str) -> Vec<EventBody> {
        let permissions: Vec<String> = std::mem::take(&mut self.permissions).into_keys().collect();
        let questions: Vec<String> = std::mem::take(&mut self.questions).into_keys().collect();
        self.closed.extend(permissions.iter().chain(&questions).cloned());
        closing(permissions, questions, reason)
    }
}

fn closing(permissions: Vec<String>, questions: Vec<String>, reason: &str) -> Vec<EventBody> {
    let expired = |permission_id| EventBody::PermissionExpired { permission_id, reason: reason.to_owned() };
    let unanswered = |question_id| EventBody::QuestionExpired { question_id, reason: reason.to_owned() };
    permissions.into_iter().map(expired).chain(questions.into_iter().map(unanswered)).collect()
}
