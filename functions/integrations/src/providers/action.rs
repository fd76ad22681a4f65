//! What an agent can do at a service on its user's behalf.

use domain::Repository;
use jiff::Timestamp;

/// One deed, exactly as it will be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Comment {
        repository: Repository,
        /// Of the issue or pull request.
        number: u64,
        body: String,
    },
    OpenPullRequest {
        repository: Repository,
        title: String,
        body: String,
        /// The branch with the changes.
        head: String,
        /// The branch that they are for.
        base: String,
        draft: bool,
    },
    SendMail {
        to: Vec<String>,
        cc: Vec<String>,
        subject: String,
        body: String,
    },
    CreateEvent {
        /// `primary` is the account's own.
        calendar: String,
        title: String,
        description: String,
        location: String,
        starts_at: Timestamp,
        ends_at: Timestamp,
        people: Vec<String>,
    },
}

impl Action {
    /// The service that it is done at.
    pub fn service(&self) -> &'static str {
        match self {
            Self::Comment { .. } | Self::OpenPullRequest { .. } => "github",
            Self::SendMail { .. } => "gmail",
            Self::CreateEvent { .. } => "calendar",
        }
    }
}
