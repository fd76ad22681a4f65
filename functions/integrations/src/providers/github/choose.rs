//! Which repositories there are, and which of them are synchronised.

use std::collections::BTreeMap;

use domain::integration::Config;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use crate::providers::{Call, Choice, Failure, Resource};

/// Pages of 100 that are listed of one account or installation.
const PAGES_MAX: usize = 20;
/// More repositories are not chosen one by one.
const CHOSEN_MAX: usize = 500;

/// What a user chose.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// Ids; `None`: all.
    repositories: Option<Vec<String>>,
    history_days: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    id: u64,
    full_name: String,
}

#[derive(Deserialize)]
struct Installations {
    installations: Vec<Installation>,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
    suspended_at: Option<String>,
}

/// A repository, and the App's installation that shows it.
struct Seen {
    repository: Repository,
    installation: Option<u64>,
}

pub(super) fn check(config: Config) -> Result<Config, String> {
    let chosen: Chosen = serde_json::from_value(Value::Object(config.clone())).map_err(|error| error.to_string())?;
    let ids = chosen.repositories.unwrap_or_default();
    if ids.len() > CHOSEN_MAX {
        return Err(format!("at most {CHOSEN_MAX} repositories can be chosen one by one"));
    }
    if let Some(odd) = ids.iter().find(|id| id.parse::<u64>().is_err()) {
        return Err(format!("{odd:?} is not the id of a repository"));
    }
    match chosen.history_days {
        Some(0) => Err("history_days must be at least 1".into()),
        _ => Ok(config),
    }
}

pub(super) async fn choices(
    api: &Api,
    call: &Call<'_>,
    is_app: bool,
) -> Result<BTreeMap<String, Vec<Choice>>, Failure> {
    let choice = |seen: Seen| Choice { id: seen.repository.id.to_string(), name: seen.repository.full_name };
    let all = seen(api, call, is_app).await?.into_iter().map(choice).collect();
    Ok([("repositories".to_owned(), all)].into())
}

pub(super) async fn resources(api: &Api, call: &Call<'_>, is_app: bool) -> Result<Vec<Resource>, Failure> {
    let chosen: Chosen = serde_json::from_value(Value::Object(call.config.clone()))
        .map_err(|error| Failure::permanent("What is to be synced is not set properly.").caused_by(error))?;
    let is_chosen =
        |id: u64| chosen.repositories.as_ref().is_none_or(|ids| ids.iter().any(|chosen| *chosen == id.to_string()));
    let resource = |seen: Seen| Resource {
        key: key(seen.repository.id),
        routes: seen.installation.map(installation_route).into_iter().chain([key(seen.repository.id)]).collect(),
        name: seen.repository.full_name,
        params: json!({ "history_days": chosen.history_days }),
    };
    let all = seen(api, call, is_app).await?;
    Ok(all.into_iter().filter(|seen| is_chosen(seen.repository.id)).map(resource).collect())
}

/// Names a repository for good: its name may change, its number does not.
pub(super) fn key(repository: u64) -> String {
    format!("repo:{repository}")
}

pub(super) fn installation_route(installation: u64) -> String {
    format!("installation:{installation}")
}

/// Everything that the account and we may both see.
async fn seen(api: &Api, call: &Call<'_>, is_app: bool) -> Result<Vec<Seen>, Failure> {
    if !is_app {
        let list = list(api, call, "/user/repos?per_page=100&sort=pushed").await?;
        return Ok(list.into_iter().map(|repository| Seen { repository, installation: None }).collect());
    }
    let url = api.url("/user/installations?per_page=100");
    let token = call.credentials.access_token.reveal();
    let installed: Installations = api.get(&url, token, None, call.now).await?.json()?;
    let mut all: Vec<Seen> = Vec::new();
    // One that is suspended shows nothing, and would only refuse.
    for installation in installed.installations.into_iter().filter(|it| it.suspended_at.is_none()) {
        let path = format!("/user/installations/{}/repositories?per_page=100", installation.id);
        for repository in list(api, call, &path).await? {
            if !all.iter().any(|seen| seen.repository.id == repository.id) {
                all.push(Seen { repository, installation: Some(installation.id) });
            }
        }
    }
    Ok(all)
}

/// A list of repositories, with or without the envelope that GitHub gives some of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Bare(Vec<Repository>),
    Counted { repositories: Vec<Repository> },
}

async fn list(api: &Api, call: &Call<'_>, path: &str) -> Result<Vec<Repository>, Failure> {
    let (mut all, mut url) = (Vec::new(), Some(api.url(path)));
    for _ in 0..PAGES_MAX {
        let Some(at) = url else { break };
        let reply = api.get(&at, call.credentials.access_token.reveal(), None, call.now).await?;
        url = reply.link("next");
        match reply.json()? {
            Listed::Bare(page) | Listed::Counted { repositories: page } => all.extend(page),
        }
    }
    Ok(all)
}
