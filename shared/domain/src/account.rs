//! The end of an account, and a copy of all that is in it: two jobs that go on
//! where they were broken off.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ExportId, UserId};

/// An account that is being deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub user: UserId,
    pub requested_at: Timestamp,
    pub step: ErasureStep,
    /// Items and objects that were deleted so far; a step that was repeated may
    /// have counted some twice.
    pub items: u64,
    pub objects: u64,
}

/// What is to be done next; each may be done twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ErasureStep {
    /// End the sessions and their tasks, give accounts at other services back.
    Close,
    /// Delete all items, from behind this key on.
    Items {
        after: Option<(String, String)>,
        last: bool,
    },
    /// Delete all objects.
    Objects {
        last: bool,
    },
    /// Wait until no address that was given away can be used any more, then look again.
    Settle {
        until: Timestamp,
    },
    Done,
}

impl ErasureStep {
    /// What follows on this step, once it has come to its end.
    #[must_use]
    pub fn next(&self, settled_at: Timestamp) -> Self {
        match self {
            Self::Close => Self::Items { after: None, last: false },
            Self::Items { last, .. } => Self::Objects { last: *last },
            Self::Objects { last: false } => Self::Settle { until: settled_at },
            Self::Settle { .. } => Self::Items { after: None, last: true },
            Self::Objects { last: true } | Self::Done => Self::Done,
        }
    }
}

/// That an account was deleted: all that stays of it. It does not say whose it was,
/// but whoever knows the id can look it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureReceipt {
    pub requested_at: Timestamp,
    pub finished_at: Timestamp,
    pub items: u64,
    pub objects: u64,
}

/// A copy of all that a user owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub id: ExportId,
    pub owner: UserId,
    pub requested_at: Timestamp,
    #[serde(flatten)]
    pub state: ExportState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ExportState {
    Pending,
    Ready {
        object: String,
        bytes: u64,
        finished_at: Timestamp,
    },
    /// It could not be made.
    Failed {
        reason: String,
    },
}

/// How far an export has come, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    Pending,
    Ready,
    Failed,
}

impl ExportState {
    pub fn status(&self) -> ExportStatus {
        match self {
            Self::Pending => ExportStatus::Pending,
            Self::Ready { .. } => ExportStatus::Ready,
            Self::Failed { .. } => ExportStatus::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_looked_for_again_after_the_last_address_has_expired() {
        let until = Timestamp::from_second(1).unwrap();
        let mut step = ErasureStep::Close;
        let mut steps = Vec::new();
        while step != ErasureStep::Done {
            steps.push(step.clone());
            step = step.next(until);
        }
        let items = |last| ErasureStep::Items { after: None, last };
        let objects = |last| ErasureStep::Objects { last };
        let wanted = [
            ErasureStep::Close,
            items(false),
            objects(false),
            ErasureStep::Settle { until },
            items(true),
            objects(true),
        ];
        assert_eq!(steps, wanted);
    }
}
