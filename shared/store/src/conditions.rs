//! Every condition that a write is made under, in one place.
//!
//! They carry the product's promises: take any one away and a test fails
//! (`tests/conditions.rs` does so, one after the other).

/// A condition, by what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Nothing stands under the key: a new session, a new viewer.
    New,
    /// The session is as it was when the change was decided on.
    SessionUnchanged,
    /// The place right behind the log's head is free, for a change's events.
    ChangeAtHead,
    /// The same, for a batch of events alone.
    BatchAtHead,
    /// The prompt is new, or still waits: its turn has not begun.
    PromptNotBegun,
    /// The prompt is there.
    PromptThere,
    /// The idempotency key was not used, or so long ago that it is forgotten.
    KeyUnused,
    /// The session has not started again since it was read.
    NotRestarted,
}

impl Condition {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::New,
        Self::SessionUnchanged,
        Self::ChangeAtHead,
        Self::BatchAtHead,
        Self::PromptNotBegun,
        Self::PromptThere,
        Self::KeyUnused,
        Self::NotRestarted,
    ];

    /// As DynamoDB wants it.
    pub(crate) fn expression(self) -> &'static str {
        match self {
            Self::New | Self::ChangeAtHead | Self::BatchAtHead => "attribute_not_exists(pk)",
            Self::SessionUnchanged => "rev = :before",
            Self::PromptNotBegun => "attribute_not_exists(pk) OR #status = :queued",
            Self::PromptThere => "attribute_exists(pk)",
            Self::KeyUnused => "attribute_not_exists(pk) OR #ttl < :now",
            Self::NotRestarted => "epoch <= :epoch",
        }
    }
}
