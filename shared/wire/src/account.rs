//! Bodies of `/api/me/…` and of the audit log.

use domain::ExportId;
use domain::account::ExportStatus;
use domain::audit::{AuditRecord, ChainHead};
use domain::usage::UsageDay;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `DELETE /api/me`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteAccount {
    /// The account's e-mail address, as a sign that it is meant.
    pub confirm: String,
}

/// A deletion that has begun; it comes to its end by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountDeletion {
    /// `deleting`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
}

/// A copy of all that a user has: a tar archive of JSON Lines and of their objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportView {
    pub id: ExportId,
    pub status: ExportStatus,
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// Why it failed.
    pub reason: Option<String>,
    /// Where the archive is, for some minutes; ask again for another address.
    pub url: Option<String>,
    pub bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsagePage {
    /// Days on which something was used, newest first.
    pub days: Vec<UsageDay>,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// Newest first.
    pub records: Vec<AuditRecord>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// The chain's end. Whoever keeps it elsewhere notices if it is cut off.
    pub head: ChainHead,
}

/// `GET /api/admin/audit`: what all users did, or one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AdminAuditPage {
    /// Newest first; numbers and hashes are of each user's own chain.
    pub records: Vec<AuditRecord>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}
