//! What is there at the first start, so that whoever connects sees something.

use std::collections::BTreeMap;

use super::data::{Data, Email, Installation, Issue, Pull, Repo, User};

const DAY_S: i64 = 86_400;

/// Titles of what `fill` makes up.
const WORDS: [&str; 8] = [
    "Login page jumps on narrow screens",
    "Export times out for large accounts",
    "Document the retry policy",
    "Upgrade the build image",
    "Search misses words with umlauts",
    "Flaky test in the billing suite",
    "Dark mode for the settings page",
    "Rate limit the public endpoint",
];

const LABELS: [&str; 4] = ["bug", "enhancement", "docs", "good first issue"];

/// Accounts, repositories, and the App where a user would have installed it.
pub(super) fn seed(now_s: i64) -> Data {
    // Clear of the small numbers that issues have.
    let mut data = Data { last_id: 1_000, ..Data::default() };
    let octo = user(&mut data, "octo-dev", "Octo Developer", "dev@example.com");
    let mona = user(&mut data, "mona-lisa", "Mona Lisa", "mona@example.com");
    for (owner, name, description, private, issues, pulls) in [
        (octo, "hello-world", "The first repository", false, 6, 2),
        (octo, "billing", "Invoices and payments", true, 12, 5),
        (mona, "gallery", "Pictures of cats", true, 4, 1),
    ] {
        let id = data.mint();
        let mut repo = Repo::new(id, owner, name, now_s - 40 * DAY_S);
        (repo.description, repo.private) = (description.to_owned(), private);
        // One repository of somebody else's is shared with the first account.
        repo.members = [owner, octo].into();
        data.repos.insert(id, repo);
        fill(&mut data, id, issues, pulls, now_s - DAY_S);
    }
    for account in [octo, mona] {
        let id = data.mint();
        let installation = Installation { id, account, repos: None, permissions: permissions(), suspended: false };
        data.installations.insert(id, installation);
    }
    data
}

fn user(data: &mut Data, login: &str, name: &str, email: &str) -> u64 {
    let id = data.mint();
    let emails = vec![
        Email { email: email.into(), verified: true },
        Email { email: format!("{login}@unverified.example"), verified: false },
    ];
    data.users.insert(id, User { id, login: login.into(), name: name.into(), emails });
    id
}

/// What the App asks for.
pub(super) fn permissions() -> BTreeMap<String, String> {
    let levels = [
        ("metadata", "read"),
        ("issues", "write"),
        ("pull_requests", "write"),
        ("contents", "write"),
        ("emails", "read"),
    ];
    levels.map(|(name, level)| (name.to_owned(), level.to_owned())).into()
}

/// Fills a repository with issues and pull requests, one a minute until `until_s`.
pub(super) fn fill(data: &mut Data, repo: u64, issues: u64, pulls: u64, until_s: i64) {
    let total = issues + pulls;
    for at in 0..total {
        let id = data.mint();
        let Some(repo) = data.repos.get_mut(&repo) else { return };
        let number = repo.next_number();
        let created_s = until_s - 60 * (total - at) as i64;
        let word = WORDS[at as usize % WORDS.len()];
        // Spread evenly among the issues.
        let is_pull = at * pulls / total.max(1) != (at + 1) * pulls / total.max(1);
        let closed = at % 3 == 2;
        let pull = is_pull.then(|| Pull {
            head: format!("change-{number}"),
            base: "main".into(),
            draft: at % 5 == 4,
            merged_s: closed.then_some(created_s),
            reviewers: Vec::new(),
        });
        let issue = Issue {
            id,
            number,
            title: if is_pull { format!("Fix: {word}") } else { word.to_owned() },
            body: format!("{word}.\n\nSeen in version {}.{}.", number % 4 + 1, number % 10),
            author: repo.owner,
            labels: vec![LABELS[at as usize % LABELS.len()].to_owned()],
            assignees: Vec::new(),
            open: !closed,
            comments: Vec::new(),
            pull,
            created_s,
            updated_s: created_s,
            closed_s: closed.then_some(created_s),
        };
        repo.issues.insert(number, issue);
    }
}
