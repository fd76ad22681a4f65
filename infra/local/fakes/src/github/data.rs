//! What the fake holds. Times are seconds since 1970, as exact as GitHub tells them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::deliveries::Delivery;
use super::limits::Rate;
use super::settings::Settings;
use super::tokens::{Code, Refresh, Token};

/// Everything.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Data {
    /// The last id that was given out, of whatever.
    pub(super) last_id: u64,
    pub(super) users: BTreeMap<u64, User>,
    pub(super) repos: BTreeMap<u64, Repo>,
    /// Names that repositories had, in lower case: GitHub redirects from them.
    pub(super) former_names: BTreeMap<String, u64>,
    pub(super) installations: BTreeMap<u64, Installation>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) refresh: BTreeMap<String, Refresh>,
    pub(super) deliveries: Vec<Delivery>,
    /// Calls of this hour, by whom they are counted for.
    pub(super) rates: BTreeMap<String, Rate>,
    pub(super) settings: Settings,
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) emails: Vec<Email>,
}

/// One of an account's addresses; the first one is its primary.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Email {
    pub(super) email: String,
    pub(super) verified: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Repo {
    pub(super) id: u64,
    /// Who owns it.
    pub(super) owner: u64,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) private: bool,
    pub(super) archived: bool,
    /// Without issues, asking for them is answered with 410.
    pub(super) has_issues: bool,
    /// Taken down for legal reasons: 451.
    pub(super) blocked: bool,
    /// Who may read and write it, besides whom a public one is open to.
    pub(super) members: BTreeSet<u64>,
    /// Issues and pull requests, which share their numbers.
    pub(super) issues: BTreeMap<u64, Issue>,
    /// Numbers of deleted ones: 410.
    pub(super) deleted: BTreeSet<u64>,
    /// Issues that went to another repository, with their number there: 301.
    pub(super) transferred: BTreeMap<u64, (u64, u64)>,
    pub(super) created_s: i64,
    pub(super) updated_s: i64,
}

impl Repo {
    /// A number that no issue has or had.
    pub(super) fn next_number(&self) -> u64 {
        let last = |numbers: Option<&u64>| numbers.copied().unwrap_or(0);
        let used = [self.issues.keys().next_back(), self.deleted.last(), self.transferred.keys().next_back()];
        used.map(last).into_iter().max().unwrap_or(0) + 1
    }
}

/// An issue, or a pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) author: u64,
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<u64>,
    pub(super) open: bool,
    pub(super) comments: Vec<Comment>,
    pub(super) pull: Option<Pull>,
    pub(super) created_s: i64,
    pub(super) updated_s: i64,
    pub(super) closed_s: Option<i64>,
}

/// What a pull request is besides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pull {
    pub(super) head: String,
    pub(super) base: String,
    pub(super) draft: bool,
    pub(super) merged_s: Option<i64>,
    pub(super) reviewers: Vec<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) author: u64,
    pub(super) body: String,
    pub(super) at_s: i64,
}

/// The App in an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Installation {
    pub(super) id: u64,
    pub(super) account: u64,
    /// Chosen repositories; none: all of the account's.
    pub(super) repos: Option<BTreeSet<u64>>,
    /// `contents` → `write`
    pub(super) permissions: BTreeMap<String, String>,
    pub(super) suspended: bool,
}

impl Data {
    /// An id that nothing has.
    pub(super) fn mint(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The account of this login, in whatever case.
    pub(super) fn user_named(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// `octo-dev/hello`
    pub(super) fn full_name(&self, repo: &Repo) -> String {
        format!("{}/{}", self.login(repo.owner), repo.name)
    }

    pub(super) fn login(&self, user: u64) -> &str {
        self.users.get(&user).map_or("ghost", |user| &user.login)
    }

    /// The repository that has this name now.
    pub(super) fn repo_named(&self, full_name: &str) -> Option<&Repo> {
        self.repos.values().find(|repo| self.full_name(repo).eq_ignore_ascii_case(full_name))
    }

    /// The App's installation that covers a repository.
    pub(super) fn installation_of(&self, repo: &Repo) -> Option<&Installation> {
        let covers = |installation: &&Installation| self.covers(installation, repo);
        self.installations.values().find(covers)
    }

    /// Whether the installation reaches the repository.
    pub(super) fn covers(&self, installation: &Installation, repo: &Repo) -> bool {
        installation.account == repo.owner && installation.repos.as_ref().is_none_or(|repos| repos.contains(&repo.id))
    }
}
