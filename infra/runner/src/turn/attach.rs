//! A turn's attachments: the turn begins when they are in the workspace.

use domain::TurnNumber;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::Driver;
use super::agent::Report;
use crate::translate::turn_error;

impl Driver {
    /// Begins to get the turn's attachments, if it has any.
    pub(super) fn fetch(&mut self) {
        let (Some(current), Some(workspace)) = (&mut self.current, &self.workspace) else { return };
        if current.turn.attachments.is_empty() {
            return;
        }
        let (workspace, turn, reports) = (workspace.clone(), current.turn.clone(), self.reports.clone());
        current.fetching = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let result = workspace.fetch(&turn.attachments).await;
            // The driver may be gone.
            let _ = reports.send(Report::Fetched(turn.number, result.map_err(|error| format!("{error:#}"))));
        })));
    }

    pub(super) fn fetched(&mut self, turn: TurnNumber, result: Result<(), String>) {
        let Some(current) = self.current.as_mut().filter(|current| current.turn.number == turn) else { return };
        current.fetching = None;
        current.waiting_since = Instant::now();
        match result {
            Ok(()) => self.drive(),
            Err(error) => {
                warn!(turn, error, "the turn's attachments could not be fetched");
                self.finish(Err(turn_error(
                    "attachment_failed",
                    "an attached file could not be fetched; if it was deleted, attach another, and send the message again",
                )));
            }
        }
    }
}
