//! What the agent waits for: consent and answers of the user.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{EventBody, Permission, PermissionReply, Question};

use crate::opencode::{PermissionRequest, QuestionRequest};

/// The open permissions and questions of a turn.
#[derive(Default)]
pub(super) struct Waiting {
    /// With the answer that was forwarded, if there is one yet.
    permissions: BTreeMap<String, Option<PermissionReply>>,
    questions: BTreeSet<String>,
}

impl Waiting {
    pub(super) fn permission(&mut self, request: PermissionRequest) -> Vec<EventBody> {
        if self.permissions.contains_key(&request.id) {
            return Vec::new();
        }
        self.permissions.insert(request.id.clone(), None);
        let PermissionRequest { id, permission, patterns, always, metadata, tool, .. } = request;
        let call_id = tool.map(|tool| tool.call);
        vec![EventBody::PermissionAsked {
            permission: Permission { id, permission, patterns, always, call_id, metadata },
        }]
    }

    /// Keeps the answer that is on its way: OpenCode's confirmation lacks the message.
    pub(super) fn answering(&mut self, id: &str, reply: PermissionReply) {
        if let Some(answer) = self.permissions.get_mut(id) {
            *answer = Some(reply);
        }
    }

    pub(super) fn permission_replied(&mut self, id: &str, reply: &str) -> Vec<EventBody> {
        let Some(forwarded) = self.permissions.remove(id) else { return Vec::new() };
        let reply = match (reply, forwarded) {
            ("reject", Some(reply @ PermissionReply::Reject { .. })) => reply,
            ("once", _) => PermissionReply::Once,
            ("always", _) => PermissionReply::Always,
            _ => PermissionReply::Reject { message: None },
        };
        vec![EventBody::PermissionAnswered { permission_id: id.to_owned(), reply }]
    }

    pub(super) fn question(&mut self, request: QuestionRequest) -> Vec<EventBody> {
        if !self.questions.insert(request.id.clone()) {
            return Vec::new();
        }
        let QuestionRequest { id, questions, tool, .. } = request;
        vec![EventBody::QuestionAsked { question: Question { id, questions, call_id: tool.map(|tool| tool.call) } }]
    }

    pub(super) fn question_replied(&mut self, id: &str, answers: Option<Vec<Vec<String>>>) -> Vec<EventBody> {
        if !self.questions.remove(id) {
            return Vec::new();
        }
        vec![EventBody::QuestionAnswered { question_id: id.to_owned(), answers }]
    }

    /// Nobody waits any more: what is open is closed, so that no viewer is left asking.
    pub(super) fn clear(&mut self) -> Vec<EventBody> {
        let permissions = std::mem::take(&mut self.permissions).into_keys().map(|permission_id| {
            EventBody::PermissionAnswered { permission_id, reply: PermissionReply::Reject { message: None } }
        });
        let questions = std::mem::take(&mut self.questions)
            .into_iter()
            .map(|question_id| EventBody::QuestionAnswered { question_id, answers: None });
        permissions.chain(questions).collect()
    }
}
