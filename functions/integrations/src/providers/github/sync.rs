//! Reads a repository, page by page.
//!
//! A run reads the repository, then what changed since the last one, then asks how many
//! issues there are: what was deleted or transferred is in no list, so a number that is too
//! small leads to a comparison. A quiet run costs one call, for 304 is free.

use domain::integration::ErrorClass;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::api::{Api, Reply};
use super::draft::{self, Item};
use super::numbers::Numbers;
use super::state::{State, Step, Tag};
use super::{ISSUE, PULL_REQUEST};
use crate::providers::{Call, Failure, Page, Resource};
use domain::entity::Change;

/// Seconds that are read again: GitHub tells times to the second, and its lists lag.
const OVERLAP: SignedDuration = SignedDuration::from_secs(1);
/// Calls of a page that finds nothing, so that the engine can hand over between them.
const CALLS_MAX: u32 = 10;
/// Issues that are asked for one by one in a page.
const CONFIRMED_AT_ONCE: usize = 20;
/// Deletions in a page.
const DELETED_AT_ONCE: usize = 200;
/// The fewest entries that are asked for of a GitHub in trouble.
const PAGE_SIZE_MIN: u32 = 25;
/// Between two comparisons where GitHub does not say how many there are.
const COMPARE_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// The next page behind `state`.
pub(super) async fn page(
    api: &Api,
    call: &Call<'_>,
    resource: &Resource,
    state: Option<&Value>,
) -> Result<Page, Failure> {
    let state = match state {
        None => State::new(),
        Some(state) => serde_json::from_value::<State>(state.clone())
            .map_err(|error| Failure::resync("What was kept of the last sync is not readable.").caused_by(error))?
            .resume(),
    };
    let mut walk = Walk {
        api,
        call,
        base: base(api, resource)?,
        since: since(resource, call),
        state,
        changes: Vec::new(),
        units: 0,
    };
    let mut calls = 0;
    while walk.state.step != Step::Rest && walk.changes.is_empty() && calls < CALLS_MAX {
        walk.step().await?;
        calls += 1;
    }
    let state = serde_json::to_value(&walk.state)
        .map_err(|error| Failure::bug("The state of a sync has no JSON form.").caused_by(error))?;
    Ok(Page { changes: walk.changes, done: walk.state.step == Step::Rest, state, units: walk.units })
}

/// By number: a repository keeps it when it is renamed or transferred.
fn base(api: &Api, resource: &Resource) -> Result<String, Failure> {
    let id = resource.key.strip_prefix("repo:").and_then(|id| id.parse::<u64>().ok());
    let id = id.ok_or_else(|| Failure::bug("This is no repository's key."))?;
    Ok(api.url(&format!("/repositories/{id}")))
}

/// How far back the first synchronisation goes.
fn since(resource: &Resource, call: &Call<'_>) -> Option<Timestamp> {
    let days = resource.params["history_days"].as_i64()?;
    let at = call.now - SignedDuration::from_hours(24 * days);
    // Times of the API are whole seconds.
    Timestamp::from_second(at.as_second()).ok()
}

struct Walk<'a> {
    api: &'a Api,
    call: &'a Call<'a>,
    base: String,
    since: Option<Timestamp>,
    state: State,
    changes: Vec<Change>,
    units: u32,
}

impl Walk<'_> {
    async fn step(&mut self) -> Result<(), Failure> {
        self.state.step = match self.state.step.clone() {
            Step::Repository => self.repository().await?,
            Step::Issues { from, next, began, pulls } => self.issues(from, next, began, pulls).await?,
            Step::Pulls { began, next, newest, with_issues } => self.pulls(began, next, newest, with_issues).await?,
            Step::Disabled => self.disabled(),
            Step::Count { with_issues } => self.count(with_issues).await?,
            Step::Compare { next, seen, with_issues } => self.compare(next, seen, with_issues).await?,
            Step::Confirm { missing, with_issues } => self.confirm(missing, with_issues).await?,
            Step::Rest => Step::Rest,
        };
        Ok(())
    }

    async fn repository(&mut self) -> Result<Step, Failure> {
        let url = self.base.clone();
        let reply = self.get(&url, self.tagged(&url, &self.state.repository_tag)).await?;
        let mut began = self.state.until.or(self.since);
        if !reply.is_unchanged() {
            let repository: Value = reply.json()?;
            let name = repository["full_name"].as_str().map(str::to_owned);
            if self.state.name != name {
                // Every address in it is another now, and no list says so.
                began = self.since;
                self.state.name = name;
            }
            self.changes.push(draft::repository(repository)?);
            self.state.repository_tag = self.tag(&url, &reply);
        }
        Ok(Step::Issues { from: began.map(|at| at - OVERLAP), next: None, began, pulls: false })
    }

    async fn issues(
        &mut self,
        from: Option<Timestamp>,
        next: Option<String>,
        began: Option<Timestamp>,
        pulls: bool,
    ) -> Result<Step, Failure> {
        let is_first = next.is_none() && from == began.map(|at| at - OVERLAP);
        let since = from.map_or_else(String::new, |from| format!("&since={from}"));
        let list = format!("{}/issues?state=all&sort=updated&direction=asc{since}", self.base);
        let tag = if is_first { self.state.issues_tag.clone() } else { None };
        let (url, reply) = match self.list(&list, next, tag).await {
            // Issues are switched off; pull requests go on.
            Err(failure) if failure.class == ErrorClass::Gone => return Ok(Step::Disabled),
            answer => answer?,
        };
        if std::mem::take(&mut self.state.without_issues) {
            // They are back, the old ones, too.
            return Ok(Step::Issues { from: self.since, next: None, began: self.since, pulls });
        }
        let after = |pulls: bool| match pulls || self.state.full {
            true => Step::Pulls { began, next: None, newest: None, with_issues: true },
            false => Step::Count { with_issues: true },
        };
        if reply.is_unchanged() {
            return Ok(after(pulls));
        }
        let items = Item::read_all(reply.json()?)?;
        let last = items.last().map(|item| item.updated_at);
        let pulls = pulls || items.iter().any(Item::is_pull);
        let more = reply.link("next");
        let next_step = match (&more, last) {
            // Not by page number: whatever changes meanwhile moves to the end, and what stood
            // behind it would slip onto a page that was read. From the last time on nothing does.
            (Some(_), Some(last)) if from.is_none_or(|from| last > from) => {
                Step::Issues { from: Some(last), next: None, began, pulls }
            }
            (Some(_), _) => Step::Issues { from, next: more, began, pulls },
            (None, _) => after(pulls),
        };
        if is_first && reply.link("next").is_none() {
            self.state.issues_tag = self.tag(&url, &reply);
        }
        self.state.until = last.max(self.state.until);
        items.into_iter().filter(|item| !item.is_pull()).for_each(|item| self.upsert(item, false));
        Ok(next_step)
    }

    async fn pulls(
        &mut self,
        began: Option<Timestamp>,
        next: Option<String>,
        newest: Option<Timestamp>,
        with_issues: bool,
    ) -> Result<Step, Failure> {
        let list = format!("{}/pulls?state=all&sort=updated&direction=desc", self.base);
        let (_, reply) = self.list(&list, next, None).await?;
        let items = Item::read_all(reply.json()?)?;
        let newest = newest.max(items.first().map(|item| item.updated_at));
        let oldest_wanted = began.map(|at| at - OVERLAP);
        let is_wanted = |item: &Item| oldest_wanted.is_none_or(|oldest| item.updated_at >= oldest);
        let all_wanted = items.iter().all(is_wanted);
        items.into_iter().filter(is_wanted).for_each(|item| self.upsert(item, true));
        if let Some(next) = reply.link("next").filter(|_| all_wanted) {
            return Ok(Step::Pulls { began, next: Some(next), newest, with_issues });
        }
        if !with_issues {
            self.state.until = newest.max(self.state.until);
        }
        Ok(Step::Count { with_issues })
    }

    fn upsert(&mut self, item: Item, is_pull: bool) {
        let (number, at) = (item.number, item.updated_at);
        // An issue can become a pull request.
        if is_pull && self.state.issues.remove(number) {
            self.changes.push(draft::deletion(ISSUE, number, at));
        }
        self.state.know(number, is_pull);
        self.changes.push(if is_pull { item.pull() } else { item.issue() });
    }

    fn disabled(&mut self) -> Step {
        self.state.without_issues = true;
        self.state.issues_tag = None;
        let gone: Vec<u64> = self.state.issues.iter().take(DELETED_AT_ONCE).collect();
        gone.into_iter().for_each(|number| self.bury(number));
        match self.state.issues.len() {
            0 => Step::Pulls { began: self.state.until.or(self.since), next: None, newest: None, with_issues: false },
            _ => Step::Disabled,
        }
    }

    /// Takes a number out, whatever it was.
    fn bury(&mut self, number: u64) {
        let at = self.state.until.max(Some(self.call.now)).unwrap_or(self.call.now);
        if self.state.issues.remove(number) {
            self.changes.push(draft::deletion(ISSUE, number, at));
        }
        if self.state.pulls.remove(number) {
            self.changes.push(draft::deletion(PULL_REQUEST, number, at));
        }
    }

    async fn count(&mut self, with_issues: bool) -> Result<Step, Failure> {
        let list = format!("{}?state=all&sort=created&direction=desc&per_page=1", self.things(with_issues));
        let reply = self.get(&list, None).await?;
        let newest = Item::read_all(reply.json()?)?.first().map_or(0, |item| item.number);
        let total = match (reply.link("last"), reply.link("next")) {
            (Some(last), _) => page_number(&last),
            (None, None) => Some(newest.min(1)),
            (None, Some(_)) => None,
        };
        let known = self.state.issues.len() + self.state.pulls.len();
        if self.state.full {
            self.state.top = newest;
            self.state.outside = self.since.and(total).map_or(0, |total| total.saturating_sub(known));
        }
        let fewer = match total {
            Some(total) => total < known + self.state.outside,
            None => self.state.compared_at.is_none_or(|at| self.call.now > at + COMPARE_EVERY),
        };
        Ok(match fewer {
            true => Step::Compare { next: None, seen: Numbers::default(), with_issues },
            false => Step::Rest,
        })
    }

    async fn compare(&mut self, next: Option<String>, mut seen: Numbers, with_issues: bool) -> Result<Step, Failure> {
        let list = format!("{}?state=all&sort=created&direction=asc", self.things(with_issues));
        let (_, reply) = self.list(&list, next, None).await?;
        for item in Item::read_all(reply.json()?)? {
            seen.insert(item.number);
        }
        if let Some(next) = reply.link("next") {
            return Ok(Step::Compare { next: Some(next), seen, with_issues });
        }
        let mut missing = Numbers::default();
        let known = self.state.issues.iter().chain(self.state.pulls.iter());
        for number in known.filter(|number| !seen.contains(*number)) {
            missing.insert(number);
        }
        let known = self.state.issues.len() + self.state.pulls.len() - missing.len();
        self.state.outside = seen.len().saturating_sub(known);
        self.state.compared_at = Some(self.call.now);
        Ok(Step::Confirm { missing, with_issues })
    }

    /// While pages were turned, a deletion may have moved an issue onto one that was read.
    async fn confirm(&mut self, mut missing: Numbers, with_issues: bool) -> Result<Step, Failure> {
        let asked: Vec<u64> = missing.iter().take(CONFIRMED_AT_ONCE).collect();
        for number in asked {
            missing.remove(number);
            let url = format!("{}/{number}", self.things(with_issues));
            match self.get(&url, None).await {
                // From another address: it was transferred.
                Ok(reply) if reply.url != url => self.bury(number),
                Ok(_) => {}
                Err(failure) if failure.class == ErrorClass::Gone => self.bury(number),
                Err(failure) => return Err(failure),
            }
        }
        Ok(if missing.len() == 0 { Step::Rest } else { Step::Confirm { missing, with_issues } })
    }

    /// The list that counts everything there is.
    fn things(&self, with_issues: bool) -> String {
        format!("{}/{}", self.base, if with_issues { "issues" } else { "pulls" })
    }

    /// A page of a list: GitHub's own link if there is one, else the first page, with fewer
    /// entries each time that GitHub has trouble. Gives the address that answered, too.
    async fn list(&mut self, list: &str, next: Option<String>, tag: Option<Tag>) -> Result<(String, Reply), Failure> {
        loop {
            let url = match &next {
                Some(next) => next.clone(),
                None => format!("{list}&per_page={}", self.state.page_size),
            };
            match self.api.get(&url, self.token(), self.tagged(&url, &tag), self.call.now).await {
                Err(trouble) if trouble.overloaded && next.is_none() && self.state.page_size > PAGE_SIZE_MIN => {
                    self.state.page_size /= 2;
                    self.units += 1;
                }
                answer => {
                    let reply = answer?;
                    self.units += u32::from(!reply.is_unchanged());
                    return Ok((url, reply));
                }
            }
        }
    }

    async fn get(&mut self, url: &str, etag: Option<String>) -> Result<Reply, Failure> {
        let reply = self.api.get(url, self.token(), etag, self.call.now).await?;
        self.units += u32::from(!reply.is_unchanged());
        Ok(reply)
    }

    fn token(&self) -> &str {
        self.call.credentials.access_token.reveal()
    }

    /// The tag, if it is of this address and of our token.
    fn tagged(&self, url: &str, tag: &Option<Tag>) -> Option<String> {
        let tag = tag.as_ref().filter(|tag| tag.url == url && tag.token == fingerprint(self.token()))?;
        Some(tag.etag.clone())
    }

    fn tag(&self, url: &str, reply: &Reply) -> Option<Tag> {
        let etag = reply.etag()?.to_owned();
        Some(Tag { url: url.to_owned(), token: fingerprint(self.token()), etag })
    }
}

/// Tells tokens apart, and tells nothing of them.
fn fingerprint(token: &str) -> String {
    hex::encode(&Sha256::digest(token)[..8])
}

/// The page that a link leads to.
fn page_number(link: &str) -> Option<u64> {
    let (_, query) = link.split_once('?')?;
    query.split('&').find_map(|part| part.strip_prefix("page="))?.parse().ok()
}
