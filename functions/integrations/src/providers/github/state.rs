//! How far a repository is read: what the engine keeps for us between two pages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::numbers::Numbers;

/// Entries of a page, until GitHub has trouble with so many.
pub(super) const PAGE_SIZE: u32 = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) step: Step,
    /// Part of the first synchronisation, or of one from scratch.
    pub(super) full: bool,
    /// The repository's full name, which the addresses of all that is in it begin with.
    pub(super) name: Option<String>,
    /// Everything that changed before this was read.
    pub(super) until: Option<Timestamp>,
    /// Numbers of the issues and of the pull requests that were read and are not known to be gone.
    pub(super) issues: Numbers,
    pub(super) pulls: Numbers,
    /// Issues were switched off when they were last asked for.
    pub(super) without_issues: bool,
    /// How many more GitHub has, which are too old to be read.
    pub(super) outside: u64,
    /// The highest number by the time of the first synchronisation.
    pub(super) top: u64,
    pub(super) repository_tag: Option<Tag>,
    pub(super) issues_tag: Option<Tag>,
    /// When GitHub's numbers were last compared with ours.
    pub(super) compared_at: Option<Timestamp>,
    pub(super) page_size: u32,
}

/// What is read next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The repository itself, the first step of a run.
    Repository,
    /// Issues, and stubs of pull requests, oldest change first.
    Issues {
        /// Changed then or later.
        from: Option<Timestamp>,
        /// GitHub's own link, where more than a page changed in one second.
        next: Option<String>,
        /// What was read when the run began.
        began: Option<Timestamp>,
        /// A pull request is among what changed.
        pulls: bool,
    },
    /// Pull requests, latest change first: their list knows no `since`.
    Pulls { began: Option<Timestamp>, next: Option<String>, newest: Option<Timestamp>, with_issues: bool },
    /// Issues that are gone because the repository has none any more.
    Disabled,
    /// How many there are: deleted and transferred issues are in no list.
    Count { with_issues: bool },
    /// Which there are, if it is fewer than we know.
    Compare { next: Option<String>, seen: Numbers, with_issues: bool },
    /// Whether those that were not seen are really gone.
    Confirm { missing: Numbers, with_issues: bool },
    /// Nothing, until the next run.
    Rest,
}

/// What GitHub said of an address to a token: it answers 304 to the same token alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) url: String,
    /// Of the token's hash.
    pub(super) token: String,
    pub(super) etag: String,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            step: Step::Repository,
            full: true,
            name: None,
            until: None,
            issues: Numbers::default(),
            pulls: Numbers::default(),
            without_issues: false,
            outside: 0,
            top: 0,
            repository_tag: None,
            issues_tag: None,
            compared_at: None,
            page_size: PAGE_SIZE,
        }
    }

    /// The next run begins where the last one came to rest.
    pub(super) fn resume(self) -> Self {
        match self.step {
            Step::Rest => Self { step: Step::Repository, full: false, page_size: PAGE_SIZE, ..self },
            _ => self,
        }
    }

    /// Notes a number that was read. One from before the first synchronisation was counted
    /// as too old until now.
    pub(super) fn know(&mut self, number: u64, is_pull: bool) {
        let known = self.issues.contains(number) || self.pulls.contains(number);
        if !known && !self.full && number <= self.top {
            self.outside = self.outside.saturating_sub(1);
        }
        match is_pull {
            true => self.pulls.insert(number),
            false => self.issues.insert(number),
        };
    }
}
