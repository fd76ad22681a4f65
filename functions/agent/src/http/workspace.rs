//! What the agent made: its workspace as it was kept after a turn, and what each turn
//! changed in it.
//!
//! All of it is read from the last snapshot, whether there is a runner or not. What a turn
//! in hand is about to change shows when it is over; `workspace.updated` tells when.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::session::Snapshot;
use domain::tree::{Kind, Leaf, Tree};
use domain::{Session, SessionId, TurnNumber, UserId, limits};
use serde::Deserialize;
use store::Store;
use utoipa::IntoParams;
use web::{ApiError, Caller, Path, Query, attachment, page, scope};
use wire::error::ErrorBody;
use wire::workspace::{FolderEntry, FolderPage, TurnDiff};

use crate::AgentError;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookQuery {
    /// From the session's workspace on, such as `src/main.rs`; absent: the workspace itself.
    path: Option<String>,
    /// Entries of a page: 1 to 100, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[utoipa::path(get, path = "/agent/sessions/{id}/workspace", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), LookQuery),
    responses((status = 200, body = FolderPage, description = "A folder's entries by name, as they were kept after the last \
            turn; of a file its content, to be saved (`application/octet-stream`)"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 413, body = ErrorBody, description = "A file that is got with the whole archive alone")))]
pub(crate) async fn look_into_workspace(
    State(store): State<Store>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
    Query(query): Query<LookQuery>,
) -> Result<Response, ApiError> {
    let limit = page::limit(query.limit)?;
    let asked = relative(query.path.as_deref().unwrap_or_default())?;
    let mut session = found(&store, caller.user_id, id).await?;
    loop {
        let Some(snapshot) = session.snapshot.clone() else { return nothing_kept(asked) };
        let looked = Look { store: &store, session: &session, snapshot: &snapshot, asked };
        if let Some(answer) = looked.answer(limit, query.cursor.as_deref()).await? {
            return Ok(answer);
        }
        // A newer one may have taken its place meanwhile.
        session = found(&store, caller.user_id, id).await?;
        if session.snapshot.as_ref().is_none_or(|newer| newer.version == snapshot.version) {
            return Err(path_not_found());
        }
    }
}

#[utoipa::path(get, path = "/agent/sessions/{id}/workspace/archive", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path)),
    responses((status = 302, description = "Where the archive is to be got, for an hour: `workspace/`, and the agent's memory \
            in `data/` (`tar --zstd -xf`)"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn download_workspace(
    State(store): State<Store>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
) -> Result<Response, ApiError> {
    let session = found(&store, caller.user_id, id).await?;
    let Some(snapshot) = &session.snapshot else {
        let message = "nothing is kept of the workspace yet; it is after the first turn";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "path_not_found", message));
    };
    let name = session.workspace.below_root().rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("workspace");
    let url = store.archive_url(snapshot, &attachment::disposition(&format!("{name}.tar.zst"))).await?;
    let cache = (header::CACHE_CONTROL, "no-store".to_owned());
    Ok((StatusCode::FOUND, [(header::LOCATION, url), cache]).into_response())
}

#[utoipa::path(get, path = "/agent/sessions/{id}/turns/{turn}/diff", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), ("turn" = u64, Path)),
    responses((status = 200, body = TurnDiff), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The turn changed nothing, or is not over")))]
pub(crate) async fn get_turn_diff(
    State(store): State<Store>,
    caller: Caller<scope::SessionsRead>,
    Path((id, turn)): Path<(SessionId, TurnNumber)>,
) -> Result<Response, ApiError> {
    found(&store, caller.user_id, id).await?;
    let Some(diff) = store.kept_diff(caller.user_id, id, turn).await? else {
        let message = "no change of the workspace is kept of this turn";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "diff_not_found", message));
    };
    let mut response = Body::from_stream(diff).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn found(store: &Store, owner: UserId, id: SessionId) -> Result<Session, ApiError> {
    Ok(store.session(owner, id).await?.ok_or(AgentError::NoSession)?)
}

/// The path without slashes around it.
fn relative(path: &str) -> Result<&str, ApiError> {
    let path = path.trim_matches('/');
    if !path.is_empty() && path.split('/').any(|name| matches!(name, "" | "." | "..")) {
        let message = "a path begins in the session's workspace and has no '.', '..' or empty segment";
        return Err(ApiError::bad_request("invalid_path", message));
    }
    Ok(path)
}

fn path_not_found() -> ApiError {
    let message = "nothing of this path was in the workspace after the last turn";
    ApiError::new(StatusCode::NOT_FOUND, "path_not_found", message)
}

/// Before the first turn is over the workspace is empty.
fn nothing_kept(asked: &str) -> Result<Response, ApiError> {
    if !asked.is_empty() {
        return Err(path_not_found());
    }
    let page = FolderPage { entries: Vec::new(), next_cursor: None, version: 0, taken_at: None, truncated: false };
    Ok(axum::Json(page).into_response())
}

/// A look at one snapshot.
struct Look<'a> {
    store: &'a Store,
    session: &'a Session,
    snapshot: &'a Snapshot,
    /// The path that was asked for, from the session's workspace on.
    asked: &'a str,
}

impl Look<'_> {
    /// `None` when the snapshot is gone.
    async fn answer(&self, limit: u32, cursor: Option<&str>) -> Result<Option<Response>, ApiError> {
        let Some(tree) = self.store.tree(self.snapshot).await? else { return Ok(None) };
        let path = joined(self.session.workspace.below_root(), self.asked);
        match tree.find(&path) {
            Some(Leaf { kind: Kind::File { size, frame, skip }, .. }) => self.content(*size, *frame, *skip).await,
            Some(Leaf { kind: Kind::Link { .. }, .. }) => {
                let message = "this is a link; ask for what it leads to";
                Err(ApiError::bad_request("invalid_path", message))
            }
            Some(Leaf { kind: Kind::Folder, .. }) => Ok(Some(self.folder(&tree, &path, limit, cursor))),
            None => Err(path_not_found()),
        }
    }

    fn folder(&self, tree: &Tree, path: &str, limit: u32, cursor: Option<&str>) -> Response {
        let mut inside = tree.inside(path);
        inside.retain(|leaf| cursor.is_none_or(|last| leaf.name() > last));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = inside.len() > limit;
        inside.truncate(limit);
        let next_cursor = inside.last().filter(|_| is_more).map(|leaf| leaf.name().to_owned());
        let entries = inside.into_iter().map(|leaf| FolderEntry::new(leaf, joined(self.asked, leaf.name()))).collect();
        let Snapshot { version, taken_at, .. } = *self.snapshot;
        let page = FolderPage { entries, next_cursor, version, taken_at: Some(taken_at), truncated: tree.truncated };
        axum::Json(page).into_response()
    }

    async fn content(&self, size: u64, frame: u64, skip: u64) -> Result<Option<Response>, ApiError> {
        if size > limits::WORKSPACE_FILE_BYTES_MAX {
            let message = format!(
                "the file is larger than {} bytes; get the whole workspace with /workspace/archive",
                limits::WORKSPACE_FILE_BYTES_MAX
            );
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", message));
        }
        let Some(content) = self.store.unpacked(self.snapshot, frame, skip, size).await? else { return Ok(None) };
        let name = self.asked.rsplit('/').next().unwrap_or_default();
        let mut response = Body::from_stream(content).into_response();
        let headers = response.headers_mut();
        headers.extend(attachment::headers(name, "application/octet-stream"));
        headers.insert(header::CONTENT_LENGTH, size.into());
        Ok(Some(response))
    }
}

fn joined(folder: &str, below: &str) -> String {
    match (folder, below) {
        ("", one) | (one, "") => one.to_owned(),
        (folder, below) => format!("{folder}/{below}"),
    }
}
