//! What is measured of a running deployment. The dashboard and the alarms of
//! `template.yaml` name exactly these.

/// A measured quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Turns that ended, by how.
    Turns,
    /// From the call that starts a sandbox to its runner's first word.
    StartTime,
    /// From a prompt's arrival to the first piece of its answer, waiting in the queue included.
    TimeToFirstToken,
    /// How long the oldest event of a batch waited in the runner.
    BatchDelay,
    /// How old a resource's copy had become when it was read again, or when that failed.
    SyncLag,
    /// What failed on our side or at a provider, by its code.
    Errors,
}

impl Metric {
    /// Each of them.
    pub const ALL: [Self; 6] =
        [Self::Turns, Self::StartTime, Self::TimeToFirstToken, Self::BatchDelay, Self::SyncLag, Self::Errors];

    /// As CloudWatch knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turns => "Turns",
            Self::StartTime => "StartTime",
            Self::TimeToFirstToken => "TimeToFirstToken",
            Self::BatchDelay => "BatchDelay",
            Self::SyncLag => "SyncLag",
            Self::Errors => "Errors",
        }
    }

    /// One of CloudWatch's units.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Turns | Self::Errors => "Count",
            Self::StartTime | Self::TimeToFirstToken | Self::BatchDelay => "Milliseconds",
            Self::SyncLag => "Seconds",
        }
    }

    /// What its values are told apart by, beside their sum.
    pub fn dimension(self) -> Option<&'static str> {
        match self {
            Self::Turns => Some("Outcome"),
            Self::Errors => Some("Class"),
            _ => None,
        }
    }
}
