//! What changes at GitHub: by its API, by its site, by tests. Each change tells its webhook.

use serde::Deserialize;
use serde_json::{Value, json};

use super::data::{Comment, Data, Issue, Pull, Repo};
use super::deliveries::Event;
use super::shape::{self, Urls, Version};

/// What becomes of an issue or a pull request; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IssueEdit {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    /// `open` or `closed`
    pub(super) state: Option<String>,
    pub(super) labels: Option<Vec<String>>,
    /// Logins.
    pub(super) assignees: Option<Vec<String>>,
    /// Merges a pull request.
    pub(super) merged: bool,
    /// A pull request is no longer, or again, a draft.
    pub(super) draft: Option<bool>,
}

/// What becomes of a repository; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RepoEdit {
    pub(super) name: Option<String>,
    /// Login of the new owner.
    pub(super) owner: Option<String>,
    pub(super) description: Option<String>,
    pub(super) private: Option<bool>,
    pub(super) archived: Option<bool>,
    pub(super) has_issues: Option<bool>,
    pub(super) blocked: Option<bool>,
    /// Logins of those who may read and write it.
    pub(super) members: Option<Vec<String>>,
}

/// Opens an issue, or a pull request; gives its number.
#[expect(clippy::too_many_arguments, reason = "what, by whom, where and when are all of it")]
pub(super) fn open(
    data: &mut Data,
    repo: u64,
    author: u64,
    pull: Option<Pull>,
    edit: IssueEdit,
    now_s: i64,
    urls: &Urls,
    events: &mut Vec<Event>,
) -> Option<u64> {
    let id = data.mint();
    let assignees = ids(data, edit.assignees.as_deref().unwrap_or_default());
    let repo_now = data.repos.get_mut(&repo)?;
    let number = repo_now.next_number();
    let open = edit.state.as_deref() != Some("closed") && !edit.merged;
    let mut pull = pull;
    if let Some(pull) = pull.as_mut().filter(|_| edit.merged) {
        pull.merged_s = Some(now_s);
    }
    let issue = Issue {
        id,
        number,
        title: edit.title.unwrap_or_default(),
        body: edit.body.unwrap_or_default(),
        author,
        labels: edit.labels.unwrap_or_default(),
        assignees,
        open,
        comments: Vec::new(),
        pull,
        created_s: now_s,
        updated_s: now_s,
        closed_s: (!open).then_some(now_s),
    };
    repo_now.issues.insert(number, issue);
    tell(data, repo, number, "opened", urls, events);
    Some(number)
}

/// Changes an issue or a pull request; false if there is none.
pub(super) fn edit(
    data: &mut Data,
    (repo, number): (u64, u64),
    edit: IssueEdit,
    now_s: i64,
    urls: &Urls,
    events: &mut Vec<Event>,
) -> bool {
    let assignees = edit.assignees.as_deref().map(|logins| ids(data, logins));
    let Some(issue) = data.repos.get_mut(&repo).and_then(|repo| repo.issues.get_mut(&number)) else { return false };
    let was_open = issue.open;
    issue.updated_s = now_s;
    put(&mut issue.title, edit.title);
    put(&mut issue.body, edit.body);
    put(&mut issue.labels, edit.labels);
    put(&mut issue.assignees, assignees);
    put(&mut issue.open, edit.state.map(|state| state != "closed"));
    if let Some(pull) = &mut issue.pull {
        put(&mut pull.draft, edit.draft);
        if edit.merged {
            pull.merged_s = Some(now_s);
            issue.open = false;
        }
    }
    issue.closed_s = if issue.open { None } else { issue.closed_s.or(Some(now_s)) };
    let action = match (was_open, issue.open) {
        (true, false) => "closed",
        (false, true) => "reopened",
        _ => "edited",
    };
    tell(data, repo, number, action, urls, events);
    true
}

/// Puts a comment under an issue or a pull request; the comment as GitHub tells of it.
pub(super) fn comment(
    data: &mut Data,
    (repo, number): (u64, u64),
    author: u64,
    body: String,
    now_s: i64,
    urls: &Urls,
    events: &mut Vec<Event>,
) -> Option<Value> {
    let comment = Comment { id: data.mint(), author, body, at_s: now_s };
    let issue = data.repos.get_mut(&repo)?.issues.get_mut(&number)?;
    issue.comments.push(comment.clone());
    issue.updated_s = now_s;
    let repo = data.repos.get(&repo)?;
    let issue = repo.issues.get(&number)?;
    let told = shape::comment(data, repo, issue, &comment, urls);
    let about = json!({ "comment": told, "issue": shape::issue(data, repo, issue, Version::Old, urls) });
    events.push(Event::of_repo(data, repo, "issue_comment", "created", about));
    Some(told)
}

/// Deletes an issue; false if there is none.
pub(super) fn delete(data: &mut Data, (repo, number): (u64, u64), urls: &Urls, events: &mut Vec<Event>) -> bool {
    let had = events.len();
    tell(data, repo, number, "deleted", urls, events);
    if let Some(repo) = data.repos.get_mut(&repo) {
        repo.issues.remove(&number);
        repo.deleted.insert(number);
    }
    events.len() > had
}

/// Moves an issue to another repository; gives its number there.
pub(super) fn transfer(
    data: &mut Data,
    (repo, number): (u64, u64),
    to: u64,
    now_s: i64,
    urls: &Urls,
    events: &mut Vec<Event>,
) -> Option<u64> {
    data.repos.get(&to)?;
    tell(data, repo, number, "transferred", urls, events);
    let mut issue = data.repos.get_mut(&repo)?.issues.remove(&number)?;
    let there = data.repos.get_mut(&to)?;
    let new_number = there.next_number();
    (issue.number, issue.updated_s) = (new_number, now_s);
    there.issues.insert(new_number, issue);
    data.repos.get_mut(&repo)?.transferred.insert(number, (to, new_number));
    tell(data, to, new_number, "opened", urls, events);
    Some(new_number)
}

/// Changes a repository; false if there is none.
pub(super) fn edit_repo(data: &mut Data, id: u64, edit: RepoEdit, now_s: i64, events: &mut Vec<Event>) -> bool {
    let Some(repo) = data.repos.get(&id).cloned() else { return false };
    let (former, was_private) = (data.full_name(&repo), repo.private);
    let owner = edit.owner.as_deref().and_then(|login| data.user_named(login)).map(|user| user.id);
    let members = edit.members.as_deref().map(|logins| ids(data, logins).into_iter().collect());
    let renamed = edit.name.as_ref().is_some_and(|name| *name != repo.name);
    let transferred = owner.is_some_and(|owner| owner != repo.owner);
    // The App hears of a transfer from where the repository was.
    let before = Event::of_repo(data, &repo, "repository", "transferred", json!({}));
    let Some(repo) = data.repos.get_mut(&id) else { return false };
    repo.updated_s = now_s;
    put(&mut repo.name, edit.name);
    put(&mut repo.owner, owner);
    put(&mut repo.description, edit.description);
    put(&mut repo.private, edit.private);
    put(&mut repo.archived, edit.archived);
    put(&mut repo.has_issues, edit.has_issues);
    put(&mut repo.blocked, edit.blocked);
    put(&mut repo.members, members);
    let repo = repo.clone();
    let name = data.full_name(&repo);
    if name != former {
        data.former_names.insert(former.to_lowercase(), id);
        data.former_names.remove(&name.to_lowercase());
    }
    let action = match (was_private, repo.private) {
        _ if renamed => "renamed",
        (false, true) => "privatized",
        (true, false) => "publicized",
        _ => "edited",
    };
    events.push(if transferred { before } else { Event::of_repo(data, &repo, "repository", action, json!({})) });
    true
}

/// Deletes a repository; false if there is none.
pub(super) fn delete_repo(data: &mut Data, id: u64, urls: &Urls, events: &mut Vec<Event>) -> bool {
    let Some(repo) = data.repos.get(&id) else { return false };
    let about = json!({ "repository": shape::repo(data, repo, urls) });
    events.push(Event::of_repo(data, repo, "repository", "deleted", about));
    data.repos.remove(&id);
    data.former_names.retain(|_, repo| *repo != id);
    true
}

/// Tells of an issue or a pull request.
fn tell(data: &Data, repo: u64, number: u64, action: &'static str, urls: &Urls, events: &mut Vec<Event>) {
    let Some(repo) = data.repos.get(&repo) else { return };
    let Some(issue) = repo.issues.get(&number) else { return };
    let (name, about) = match &issue.pull {
        None => ("issues", json!({ "issue": shape::issue(data, repo, issue, Version::Old, urls) })),
        Some(pull) => {
            ("pull_request", json!({ "pull_request": shape::pull(data, repo, issue, pull, Version::Old, urls) }))
        }
    };
    events.push(Event::of_repo(data, repo, name, action, about));
}

/// The accounts of these logins.
pub(super) fn ids(data: &Data, logins: &[String]) -> Vec<u64> {
    logins.iter().filter_map(|login| data.user_named(login)).map(|user| user.id).collect()
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

impl Repo {
    /// A new one with nothing in it, which its owner alone may see.
    pub(super) fn new(id: u64, owner: u64, name: &str, now_s: i64) -> Self {
        Self {
            id,
            owner,
            name: name.to_owned(),
            description: String::new(),
            private: true,
            archived: false,
            has_issues: true,
            blocked: false,
            members: [owner].into(),
            issues: Default::default(),
            deleted: Default::default(),
            transferred: Default::default(),
            created_s: now_s,
            updated_s: now_s,
        }
    }
}
