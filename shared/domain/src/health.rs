//! What an operator is told of a deployment: what happened hour by hour, and whether the
//! schedules do their work.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::session::{SweepStep, sweep};
use crate::{Session, limits};

/// Something that is counted by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    TurnCompleted,
    TurnAborted,
    TurnFailed,
    RunnerStarted,
    RunnerLost,
    SyncCompleted,
    SyncFailed,
}

impl Happening {
    /// Its field of [`Hour`].
    pub fn name(self) -> &'static str {
        match self {
            Self::TurnCompleted => "turns_completed",
            Self::TurnAborted => "turns_aborted",
            Self::TurnFailed => "turns_failed",
            Self::RunnerStarted => "runners_started",
            Self::RunnerLost => "runners_lost",
            Self::SyncCompleted => "syncs_completed",
            Self::SyncFailed => "syncs_failed",
        }
    }
}

/// What happened in an hour, of all users. Counted beside the changes themselves: a function
/// that dies between the two leaves one out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Hour {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub hour: Timestamp,
    pub turns_completed: u64,
    pub turns_aborted: u64,
    pub turns_failed: u64,
    pub runners_started: u64,
    pub runners_lost: u64,
    /// Runs of one resource, such as a repository or a calendar.
    pub syncs_completed: u64,
    pub syncs_failed: u64,
}

/// The beginning of the hour that a time belongs to.
pub fn hour(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3_600)).unwrap_or(at)
}

/// The last `count` hours up to now, oldest first; those of which nothing is told are quiet.
pub fn hours(told: Vec<Hour>, count: u16, now: Timestamp) -> Vec<Hour> {
    let mut told = told.into_iter().peekable();
    let last = hour(now);
    let at = |back: u16| last - SignedDuration::from_hours(i64::from(back));
    (0..count)
        .rev()
        .map(|back| {
            while told.next_if(|next| next.hour < at(back)).is_some() {}
            told.next_if(|next| next.hour == at(back)).unwrap_or(Hour { hour: at(back), ..Hour::default() })
        })
        .collect()
}

/// Whether the sweeper should have seen to this session some time ago and has not.
pub fn is_left_alone(session: &Session, heartbeat_at: Option<Timestamp>, now: Timestamp) -> bool {
    let then = now - SignedDuration::from_secs(limits::SWEEP_LATE_SECONDS);
    matches!(sweep(session, heartbeat_at, true, then), SweepStep::LoseRunner { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600 + minute * 60).unwrap()
    }

    #[test]
    fn every_hour_is_there_once_with_what_happened_in_it() {
        let busy = |hour| Hour { hour: at(hour, 0), turns_completed: 1, ..Hour::default() };
        let told = vec![busy(2), busy(7), busy(9)];
        let shown = hours(told, 4, at(9, 59));
        let turns: Vec<_> = shown.iter().map(|hour| (hour.hour, hour.turns_completed)).collect();
        assert_eq!(turns, [(at(6, 0), 0), (at(7, 0), 1), (at(8, 0), 0), (at(9, 0), 1)]);
    }

    #[test]
    fn an_hour_is_read_by_the_names_it_is_counted_by() {
        let counted = [
            Happening::TurnCompleted,
            Happening::TurnAborted,
            Happening::TurnFailed,
            Happening::RunnerStarted,
            Happening::RunnerLost,
            Happening::SyncCompleted,
            Happening::SyncFailed,
        ];
        let hour = serde_json::to_value(Hour::default()).unwrap();
        assert!(counted.iter().all(|happening| hour[happening.name()] == 0), "{hour}");
        assert_eq!(hour.as_object().unwrap().len(), counted.len() + 1);
    }

    #[test]
    fn a_sandbox_counts_as_left_alone_when_the_sweeper_is_late_not_when_it_is_due() {
        use crate::session::{NewSession, Runner};
        let mut session = Session::new(crate::UserId::mint(at(0, 0)), NewSession::default(), at(0, 0));
        session.runner = Runner::Starting { since: at(1, 0) };
        let lost = at(1, 0) + SignedDuration::from_secs(limits::START_SECONDS_MAX);
        let late = lost + SignedDuration::from_secs(limits::SWEEP_LATE_SECONDS);
        assert!(!is_left_alone(&session, None, lost));
        assert!(is_left_alone(&session, None, late));
    }
}
