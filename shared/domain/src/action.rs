//! What an agent can do at a service on its user's behalf, where others see it.

use jiff::Timestamp;
use serde::Serialize;

use crate::Repository;
use crate::session::{Permissions, Policy, policy};

/// What OpenCode calls our own tools, before their names: `ops_send_mail`.
pub const AGENT_PREFIX: &str = "ops";

/// Code of the error that a call gets which the user has to agree to first; what it is about is
/// in its data, and the runner asks.
pub const ASK_CODE: i32 = -32_042;
/// The header in which the runner says what the user has agreed to.
pub const CONSENT_HEADER: &str = "agent-ops-consent";

/// The tools that act; all others only read, or write to what is the user's here.
pub const TOOLS: [&str; 4] = ["comment_on_issue", "open_pull_request", "send_mail", "create_event"];

/// A tool of ours as the agent knows it, and a session's permissions name it.
pub fn agents_name(tool: &str) -> String {
    format!("{AGENT_PREFIX}_{tool}")
}

/// What a session's permissions say of one of our tools.
pub fn session_policy(permissions: &Permissions, tool: &str) -> Policy {
    policy(permissions, &agents_name(tool))
}

/// One deed, exactly as it will be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Action {
    CommentOnIssue {
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
            Self::CommentOnIssue { .. } | Self::OpenPullRequest { .. } => "github",
            Self::SendMail { .. } => "gmail",
            Self::CreateEvent { .. } => "calendar",
        }
    }

    /// Whether doing it once more changes nothing: an event is created under an id of ours, and
    /// a branch has one open pull request.
    pub fn is_repeatable(&self) -> bool {
        matches!(self, Self::CreateEvent { .. } | Self::OpenPullRequest { .. })
    }

    /// What is wrong with it whatever the service says.
    pub fn check(&self) -> Result<(), &'static str> {
        let (people, is_lacking) = match self {
            Self::CommentOnIssue { body, .. } if body.trim().is_empty() => return Err("body: it says nothing"),
            Self::CommentOnIssue { .. } | Self::OpenPullRequest { .. } => return Ok(()),
            Self::SendMail { to, cc, .. } => (to.iter().chain(cc), to.is_empty()),
            Self::CreateEvent { starts_at, ends_at, .. } if ends_at <= starts_at => {
                return Err("ends_at: an event ends after it starts");
            }
            Self::CreateEvent { people, .. } => (people.iter().chain(&[]), false),
        };
        match !is_lacking && people.into_iter().all(|address| is_address(address)) {
            true => Ok(()),
            false => Err("each of the people is one mail address, such as ana@example.com"),
        }
    }

    /// All of it, a line or more for each thing that is said, for whoever is to consent.
    pub fn lines(&self) -> Vec<String> {
        let lines = match self {
            Self::CommentOnIssue { repository, number, body } => {
                vec![("on", format!("{repository}#{number}")), ("comment", body.clone())]
            }
            Self::OpenPullRequest { repository, title, body, head, base, draft } => vec![
                ("in", repository.to_string()),
                ("from", head.clone()),
                ("into", base.clone()),
                ("draft", if *draft { "yes".to_owned() } else { String::new() }),
                ("title", title.clone()),
                ("body", body.clone()),
            ],
            Self::SendMail { to, cc, subject, body } => {
                vec![("to", to.join(", ")), ("cc", cc.join(", ")), ("subject", subject.clone()), ("body", body.clone())]
            }
            Self::CreateEvent { calendar, title, description, location, starts_at, ends_at, people } => vec![
                ("calendar", calendar.clone()),
                ("title", title.clone()),
                ("from", starts_at.to_string()),
                ("to", ends_at.to_string()),
                ("where", location.clone()),
                ("invited", people.join(", ")),
                ("description", description.clone()),
            ],
        };
        let said = lines.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| format!("{name}: {value}")).collect()
    }

    /// To whom or where it is done: what a consent for good is about.
    pub fn reach(&self) -> String {
        match self {
            Self::CommentOnIssue { repository, .. } | Self::OpenPullRequest { repository, .. } => {
                repository.to_string()
            }
            Self::SendMail { to, cc, .. } => reached("mail to", to.iter().chain(cc)),
            Self::CreateEvent { calendar, people, .. } => reached(&format!("{calendar} with"), people.iter()),
        }
    }
}

/// One address, and nothing that could end a mail's header or name a second one.
fn is_address(text: &str) -> bool {
    let is_sane = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | ';' | '<' | '>' | '"');
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) && text.chars().all(is_sane)
}

/// The same people are the same reach, in whatever order they are named.
fn reached<'a>(what: &str, people: impl Iterator<Item = &'a String>) -> String {
    let mut people: Vec<&str> = people.map(String::as_str).collect();
    people.sort_unstable();
    people.dedup();
    match people.is_empty() {
        true => format!("{what} nobody else"),
        false => format!("{what} {}", people.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_consented_to_is_shown_whole_and_for_good_only_for_the_same_people() {
        let mail = |to: &[&str], body: &str| Action::SendMail {
            to: to.iter().map(|it| (*it).to_owned()).collect(),
            cc: Vec::new(),
            subject: "Hi".into(),
            body: body.into(),
        };
        assert_eq!(mail(&["a@x.org"], "one\ntwo").lines(), ["to: a@x.org", "subject: Hi", "body: one\ntwo"]);
        assert_eq!(mail(&["b@x.org", "a@x.org"], "").reach(), mail(&["a@x.org", "b@x.org"], "other").reach());
        assert_ne!(mail(&["a@x.org"], "").reach(), mail(&["c@x.org"], "").reach());
    }

    #[test]
    fn people_are_mail_addresses_and_nothing_else() {
        let mail = |to: &str| Action::SendMail {
            to: vec![to.to_owned()],
            cc: Vec::new(),
            subject: String::new(),
            body: String::new(),
        };
        assert!(mail("ana+x@example.com").check().is_ok());
        for bad in ["", "nobody", "a@x.org, b@x.org", "a@x.org\nBcc: c@x.org", "A <a@x.org>", "@x.org", "ü@x.org"] {
            assert!(mail(bad).check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_session_names_our_tools_as_its_agent_does() {
        let rules =
            |rules: &[(&str, Policy)]| rules.iter().map(|(name, policy)| ((*name).to_owned(), *policy)).collect();
        let of = |permissions: &Permissions| session_policy(permissions, "send_mail");
        assert_eq!(of(&rules(&[])), Policy::Allow);
        assert_eq!(of(&rules(&[("bash", Policy::Deny)])), Policy::Allow);
        assert_eq!(of(&rules(&[("*", Policy::Deny)])), Policy::Deny);
        assert_eq!(of(&rules(&[("*", Policy::Deny), ("ops_*", Policy::Ask)])), Policy::Ask);
        assert_eq!(of(&rules(&[("ops_*", Policy::Allow), ("ops_send_mail", Policy::Deny)])), Policy::Deny);
    }
}
