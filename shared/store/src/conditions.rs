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
    /// The integration is as it was when the change was decided on.
    IntegrationUnchanged,
    /// The account is connected by no other integration of the user.
    AccountFree,
    /// The credentials are the ones that were renewed or sealed again.
    CredentialsUnchanged,
    /// Nobody else is renewing these credentials.
    RenewalFree,
    /// The resource is still synchronised.
    CursorThere,
    /// No worker holds the cursor.
    CursorFree,
    /// The worker still holds the cursor.
    CursorHeld,
    /// What is stored of the entity is not newer.
    EntityNotNewer,
    /// No other worker has added to the search index, or merged parts of it.
    SearchUnchanged,
    /// Nobody else has spent at the service.
    QuotaUnchanged,
    /// Nobody wants the integration to be looked after at another time.
    DueUnchanged,
    /// It would be looked after later only.
    DueLater,
    /// The bucket was not full, and what is taken now is in it.
    RoomInBucket,
    /// The bucket was full, or there is none yet.
    BucketFull,
    /// The place right behind the last record of the audit log is free.
    BehindLastRecord,
    /// The user may have one more sandbox, or the session has one already.
    SandboxAllowed,
    /// The user has room for one more file of this size.
    RoomForFile,
    /// The file's content is still on its way.
    FilePending,
    /// The file is as far as it was when it was read.
    FileAsRead,
    /// The file is on its way out, and still counts.
    FileDeleting,
    /// The token or browser was not revoked meanwhile.
    CallerThere,
    /// The identity belongs to nobody.
    IdentityFree,
    /// The address belongs to nobody.
    EmailFree,
    /// Nobody administers the deployment.
    FirstAdmin,
    /// The user is there.
    UserThere,
}

impl Condition {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 33] = [
        Self::New,
        Self::SessionUnchanged,
        Self::ChangeAtHead,
        Self::BatchAtHead,
        Self::PromptNotBegun,
        Self::PromptThere,
        Self::KeyUnused,
        Self::NotRestarted,
        Self::IntegrationUnchanged,
        Self::AccountFree,
        Self::CredentialsUnchanged,
        Self::RenewalFree,
        Self::CursorThere,
        Self::CursorFree,
        Self::CursorHeld,
        Self::EntityNotNewer,
        Self::SearchUnchanged,
        Self::QuotaUnchanged,
        Self::DueUnchanged,
        Self::DueLater,
        Self::RoomInBucket,
        Self::BucketFull,
        Self::BehindLastRecord,
        Self::SandboxAllowed,
        Self::RoomForFile,
        Self::FilePending,
        Self::FileAsRead,
        Self::FileDeleting,
        Self::CallerThere,
        Self::IdentityFree,
        Self::EmailFree,
        Self::FirstAdmin,
        Self::UserThere,
    ];

    /// As DynamoDB wants it.
    pub(crate) fn expression(self) -> &'static str {
        match self {
            Self::New
            | Self::ChangeAtHead
            | Self::BatchAtHead
            | Self::BehindLastRecord
            | Self::IdentityFree
            | Self::EmailFree
            | Self::FirstAdmin => "attribute_not_exists(pk)",
            Self::SessionUnchanged => "rev = :before",
            Self::PromptNotBegun => "attribute_not_exists(pk) OR #status = :queued",
            Self::PromptThere | Self::CallerThere | Self::UserThere => "attribute_exists(pk)",
            Self::KeyUnused => "attribute_not_exists(pk) OR #ttl < :now",
            Self::NotRestarted => "epoch <= :epoch",
            Self::IntegrationUnchanged | Self::CredentialsUnchanged => "rev = :before",
            Self::AccountFree => "attribute_not_exists(pk) OR integration_id = :integration",
            Self::RenewalFree => "rev = :before AND (attribute_not_exists(renewed_until) OR renewed_until < :now)",
            Self::CursorThere => "attribute_exists(pk)",
            Self::CursorFree => "attribute_exists(pk) AND (attribute_not_exists(lease_ms) OR lease_ms < :now)",
            Self::CursorHeld => "epoch = :epoch",
            Self::EntityNotNewer => {
                "attribute_not_exists(pk) OR generation < :generation \
                 OR (generation = :generation AND (version < :version OR (version = :version AND epoch <= :epoch)))"
            }
            Self::SearchUnchanged | Self::QuotaUnchanged => "attribute_not_exists(pk) OR rev = :before",
            Self::DueUnchanged => "due_ms = :read",
            Self::DueLater => "due_ms > :due",
            Self::RoomInBucket => "full_at BETWEEN :now AND :latest",
            Self::BucketFull => "attribute_not_exists(full_at) OR full_at <= :now",
            Self::SandboxAllowed => {
                "attribute_not_exists(sessions) OR size(sessions) < :max OR contains(sessions, :session)"
            }
            Self::RoomForFile => "attribute_not_exists(pk) OR (#bytes <= :room AND #files < :files_max)",
            Self::FilePending | Self::FileAsRead | Self::FileDeleting => "#status = :before",
        }
    }
}
