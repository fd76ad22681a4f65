//! What the driver asks of OpenCode, each call in a task of its own that reports back.

use std::path::PathBuf;
use std::time::Duration;

use domain::TurnNumber;
use domain::event::{EventBody, PermissionReply};
use domain::message::Kept;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;
use tracing::{info, warn};

use super::asker::Ask;
use crate::opencode::{CallError, Client, Event, PermissionRequest, Prompt, QuestionRequest, Status, Stored};
use crate::translate::{Large, Translator};

/// Messages that are read after events were missed: more than a turn has steps.
const RESYNC_MESSAGES: usize = 500;
/// Between two attempts at a call that OpenCode did not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// OpenCode as the driver uses it; cheap to clone.
#[derive(Clone)]
pub struct Agent {
    client: Client,
    /// Our session's id, which OpenCode's session carries.
    session: String,
    title: String,
    /// Keeps OpenCode's id of the session over restarts.
    note: PathBuf,
}

/// What a report is about. One about another life of OpenCode or another turn is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Counts how often OpenCode came up.
    pub(super) life: u64,
    pub(super) turn: TurnNumber,
}

/// How a call ended.
pub(super) enum Report {
    /// One of our own tools wants the user's consent.
    Asked(Ask),
    /// It no longer waits for what it asked under this id.
    Withdrawn(String),
    /// The turn's attachments are in the workspace, or why they are not.
    Fetched(TurnNumber, Result<(), String>),
    /// OpenCode's session is there, in this life of it.
    Opened(u64, Result<String, CallError>),
    Posted(Ticket, Result<(), CallError>),
    Looked(Ticket, Result<Look, CallError>),
    /// OpenCode does not wait for this answer any more.
    Stale(Event),
    /// A large text of this turn is kept, or can't be.
    Kept(TurnNumber, Large, Option<Kept>),
}

/// OpenCode's own account of a turn.
pub(super) struct Look {
    pub(super) busy: bool,
    messages: Vec<Stored>,
    permissions: Vec<PermissionRequest>,
    questions: Vec<QuestionRequest>,
}

impl Look {
    /// Makes good what the translator missed.
    pub(super) fn apply(self, translator: &mut Translator) -> Vec<EventBody> {
        let mut bodies = translator.reconcile(self.messages);
        // An abort leaves stale requests behind: only those of a session at work count.
        if self.busy {
            let asked = self.permissions.into_iter().map(Event::PermissionAsked);
            for event in asked.chain(self.questions.into_iter().map(Event::QuestionAsked)) {
                bodies.extend(translator.apply(event));
            }
        }
        bodies
    }
}

impl Agent {
    /// An agent whose notes are kept in the file `note`.
    pub fn new(client: Client, session: String, title: String, note: PathBuf) -> Self {
        Self { client, session, title, note }
    }

    /// Finds or makes OpenCode's session.
    pub(super) fn open(&self, reports: &UnboundedSender<Report>, life: u64) {
        let (agent, reports) = (self.clone(), reports.clone());
        tokio::spawn(async move {
            let opened = agent.find_or_create().await;
            if opened.is_err() {
                sleep(PAUSE).await;
            }
            // The driver may have ended; the same holds for all reports.
            let _ = reports.send(Report::Opened(life, opened));
        });
    }

    /// Posts a prompt; first makes sure that the turn before it has ended, if that is in doubt.
    pub(super) fn post(
        &self,
        reports: &UnboundedSender<Report>,
        ticket: Ticket,
        session: String,
        prompt: Prompt,
        settle_first: bool,
    ) {
        let (client, reports) = (self.client.clone(), reports.clone());
        tokio::spawn(async move {
            if settle_first {
                settle(&client, &session).await;
            }
            let _ = reports.send(Report::Posted(ticket, client.prompt(&session, &prompt).await));
        });
    }

    /// Reads OpenCode's account of the last `recent` messages, or of all that a turn can have.
    pub(super) fn look(
        &self,
        reports: &UnboundedSender<Report>,
        ticket: Ticket,
        session: String,
        recent: Option<usize>,
    ) {
        let (client, reports) = (self.client.clone(), reports.clone());
        tokio::spawn(async move {
            let look = look(&client, &session, recent.unwrap_or(RESYNC_MESSAGES)).await;
            let _ = reports.send(Report::Looked(ticket, look));
        });
    }

    /// Stops the turn in hand; its end shows in the events.
    pub(super) fn abort(&self, session: String) {
        let client = self.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.abort(&session).await {
                warn!(%error, "OpenCode did not take an abort");
            }
        });
    }

    pub(super) fn answer_permission(&self, reports: &UnboundedSender<Report>, id: String, reply: PermissionReply) {
        let (client, reports) = (self.client.clone(), reports.clone());
        tokio::spawn(async move {
            let (word, message) = match &reply {
                PermissionReply::Once => ("once", None),
                PermissionReply::Always => ("always", None),
                PermissionReply::Reject { message } => ("reject", message.as_deref()),
            };
            if let Err(CallError::Refused(_)) = client.answer_permission(&id, word, message).await {
                let stale = Event::PermissionReplied { id, reply: "reject".to_owned() };
                let _ = reports.send(Report::Stale(stale));
            }
        });
    }

    pub(super) fn answer_question(
        &self,
        reports: &UnboundedSender<Report>,
        id: String,
        answers: Option<Vec<Vec<String>>>,
    ) {
        let (client, reports) = (self.client.clone(), reports.clone());
        tokio::spawn(async move {
            if let Err(CallError::Refused(_)) = client.answer_question(&id, answers.as_deref()).await {
                let _ = reports.send(Report::Stale(Event::QuestionReplied { id, answers: None }));
            }
        });
    }

    /// OpenCode's session, at work in the folder that this sandbox has.
    async fn find_or_create(&self) -> Result<String, CallError> {
        let noted = tokio::fs::read_to_string(&self.note).await.unwrap_or_default();
        let known = match noted.trim() {
            "" => None,
            id => self.client.session(id).await?,
        };
        let known = match known {
            None => self.client.find_session(&self.session).await?,
            known => known,
        };
        let id = match known {
            Some(session) => {
                self.client.bring_here(&session).await?;
                session.id
            }
            None => self.client.create_session(&self.session, &self.title).await?,
        };
        if tokio::fs::write(&self.note, &id).await.is_err() {
            info!("OpenCode's session could not be noted; it will be found by its metadata");
        }
        Ok(id)
    }
}

async fn look(client: &Client, session: &str, recent: usize) -> Result<Look, CallError> {
    let busy = client.status(session).await? != Status::Idle;
    let (permissions, questions) = match busy {
        true => (client.permissions().await?, client.questions().await?),
        false => (Vec::new(), Vec::new()),
    };
    // The messages last: they have all that the status promised.
    let messages = client.messages(session, recent).await?;
    Ok(Look { busy, messages, permissions, questions })
}

/// Makes sure that a session rests.
async fn settle(client: &Client, session: &str) {
    for _ in 0..20 {
        match client.status(session).await {
            Ok(Status::Idle) => return,
            Ok(_) => {
                // An abort before the turn has begun is without effect, so it is repeated.
                let _ = client.abort(session).await;
                sleep(PAUSE).await;
            }
            Err(_) => return,
        }
    }
}
