//! What the App does as itself: installations, their tokens, the log of its webhooks.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::data::Repo;
use super::deliveries::Delivery;
use super::guard::{AsApp, Asker};
use super::hub::Hub;
use super::page::Paging;
use super::refusal::Refusal;
use super::repos::Place;
use super::tokens::Opens;
use super::{APP_ID, CLIENT_ID, shape};

/// GitHub repeats deliveries of the past three days only.
const REDELIVERY_SECONDS: i64 = 3 * 24 * 3_600;

/// `GET /app`
pub(super) async fn app(State(hub): State<Hub>, _: Extension<AsApp>) -> Json<Value> {
    let html_url = format!("{}/apps/agent-ops", hub.site_url());
    Json(
        json!({ "id": APP_ID, "client_id": CLIENT_ID, "slug": "agent-ops", "name": "Agent Ops", "html_url": html_url }),
    )
}

/// `GET /app/installations`
pub(super) async fn installations(
    State(hub): State<Hub>,
    _: Extension<AsApp>,
    Query(paging): Query<Paging>,
) -> Response {
    hub.look(|data, urls| {
        let url = format!("{}/app/installations", urls.api);
        paging.answer(data.installations.values().collect(), &url, |it| shape::installation(data, it, urls))
    })
}

/// `GET /repos/{owner}/{repo}/installation`
pub(super) async fn of_repository(
    State(hub): State<Hub>,
    _: Extension<AsApp>,
    Path(place): Place,
) -> Result<Json<Value>, Refusal> {
    let name = |part: &str| place.get(part).map_or("", String::as_str);
    let full_name = format!("{}/{}", name("owner"), name("repo"));
    hub.look(|data, urls| {
        let repo = data.repo_named(&full_name).ok_or_else(Refusal::not_found)?;
        let installation = data.installation_of(repo).ok_or_else(Refusal::not_found)?;
        Ok(Json(shape::installation(data, installation, urls)))
    })
}

/// How an installation's token is to be narrowed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Narrow {
    repositories: Option<Vec<String>>,
    repository_ids: Option<Vec<u64>>,
    permissions: Option<BTreeMap<String, String>>,
}

/// `POST /app/installations/{id}/access_tokens`
pub(super) async fn mint(
    State(hub): State<Hub>,
    _: Extension<AsApp>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    narrow: Option<Json<Narrow>>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let Json(narrow) = narrow.unwrap_or_default();
    let format = headers.get("x-github-stateless-s2s-token").and_then(|format| format.to_str().ok());
    hub.change(|data, now_s, urls, _| {
        let installation = data.installations.get(&id).cloned().ok_or_else(Refusal::not_found)?;
        if installation.suspended {
            return Err(Refusal::new(403, "This installation has been suspended"));
        }
        let permissions = narrow.permissions.unwrap_or_else(|| installation.permissions.clone());
        let covers = |(name, level): (&String, &String)| {
            installation.permissions.get(name).is_some_and(|granted| granted == level || granted == "write")
        };
        if !permissions.iter().all(covers) {
            let message = "The permissions requested are not granted to this installation.";
            return Err(Refusal::unprocessable(message));
        }
        let covered: Vec<&Repo> = data.repos.values().filter(|repo| data.covers(&installation, repo)).collect();
        let by_name = |name: &String| covered.iter().find(|repo| repo.name == *name).map(|repo| repo.id);
        let by_id = |id: &u64| covered.iter().find(|repo| repo.id == *id).map(|repo| repo.id);
        let wanted: Option<Option<BTreeSet<u64>>> = match (&narrow.repositories, &narrow.repository_ids) {
            (Some(names), _) => Some(names.iter().map(by_name).collect()),
            (None, Some(ids)) if ids.len() > 500 => Some(None),
            (None, Some(ids)) => Some(ids.iter().map(by_id).collect()),
            (None, None) => None,
        };
        let repos = match wanted {
            Some(None) => {
                let message = "There is at least one repository that does not exist or is not accessible to the parent installation.";
                return Err(Refusal::unprocessable(message));
            }
            Some(repos) => repos,
            None => None,
        };
        let told: Option<Vec<Value>> = repos.as_ref().map(|repos| {
            covered.iter().filter(|repo| repos.contains(&repo.id)).map(|repo| shape::repo(data, repo, urls)).collect()
        });
        let stateless = format.map_or(data.settings.stateless_tokens, |format| format == "enabled");
        let (token, until_s) =
            data.mint_installation_token(&installation, repos, permissions.clone(), stateless, now_s);
        let mut body = json!({ "token": token, "expires_at": shape::time(until_s), "permissions": permissions });
        if let Some(told) = told {
            body["repositories"] = told.into();
        }
        Ok((StatusCode::CREATED, Json(body)))
    })
}

/// `DELETE /installation/token`
pub(super) async fn revoke(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let Opens::Installation { .. } = asker.opens else { return Err(Refusal::not_found()) };
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.split(' ').nth(1));
    hub.data.change(|data| data.revoke_token(token.unwrap_or_default()));
    Ok(StatusCode::NO_CONTENT)
}

/// Where the log of deliveries is read.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default = "thirty")]
    per_page: usize,
    /// Behind this delivery.
    cursor: Option<u64>,
}

fn thirty() -> usize {
    30
}

/// `GET /app/hook/deliveries`, newest first.
pub(super) async fn deliveries(State(hub): State<Hub>, _: Extension<AsApp>, Query(back): Query<Back>) -> Response {
    let size = back.per_page.clamp(1, 100);
    hub.look(|data, urls| {
        // What is held has not been tried.
        let behind = |it: &&Delivery| !it.held && back.cursor.is_none_or(|cursor| it.id < cursor);
        let page: Vec<&Delivery> = data.deliveries.iter().rev().filter(behind).take(size + 1).collect();
        let body: Vec<Value> = page.iter().take(size).map(|delivery| summary(delivery)).collect();
        let mut response = Json(body).into_response();
        if page.len() > size {
            let url = format!("{}/app/hook/deliveries?per_page={size}&cursor={}", urls.api, page[size - 1].id);
            let link = HeaderValue::try_from(format!("<{url}>; rel=\"next\"")).expect("URLs are header values");
            response.headers_mut().insert(header::LINK, link);
        }
        response
    })
}

fn summary(delivery: &Delivery) -> Value {
    let status = match delivery.status_code {
        200..300 => "OK",
        0 => "failed to connect to host",
        _ => "Invalid HTTP Response",
    };
    json!({
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": shape::time(delivery.delivered_s),
        "redelivery": delivery.redelivery,
        "duration": 0.1,
        "status": status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
    })
}

/// `POST /app/hook/deliveries/{id}/attempts`
pub(super) async fn redeliver(
    State(hub): State<Hub>,
    _: Extension<AsApp>,
    Path(id): Path<u64>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let oldest_s = hub.now_s() - REDELIVERY_SECONDS;
    let known = hub.data.read(|data| data.deliveries.iter().find(|it| it.id == id).map(|it| it.delivered_s));
    match known {
        None => Err(Refusal::not_found()),
        Some(at_s) if at_s < oldest_s => Err(Refusal::unprocessable("The delivery is too old to be redelivered.")),
        Some(_) => {
            hub.redeliver(id);
            Ok((StatusCode::ACCEPTED, Json(json!({}))))
        }
    }
}
