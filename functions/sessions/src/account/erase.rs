//! Deletes an account. The request only notes that it is to be done; the work is
//! done step by step behind it, each step again if it was broken off.

use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{Erasure, ErasureReceipt, ErasureStep};
use domain::integration::Connection;
use domain::{Integration, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use web::{ApiError, Caller, Json, scope};
use wire::account::{AccountDeletion, DeleteAccount};
use wire::bus::{DisconnectRequested, ErasureRequested, INTEGRATIONS_SOURCE, SOURCE};
use wire::error::ErrorBody;

use crate::{Deps, terminate};

#[utoipa::path(delete, path = "/api/me", tag = "account", security(("bearer" = ["admin"])), request_body = DeleteAccount,
    responses((status = 202, body = AccountDeletion, description = "Everything goes, and nothing brings it back"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn delete_account(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Json(body): Json<DeleteAccount>,
) -> Result<(StatusCode, axum::Json<AccountDeletion>), ApiError> {
    let user = deps.store.user(caller.user_id).await?;
    let meant = user.is_some_and(|user| user.email.eq_ignore_ascii_case(body.confirm.trim()));
    if !meant {
        return Err(ApiError::bad_request("not_confirmed", "confirm is the account's e-mail address"));
    }
    let requested_at = web::now();
    let erasure = Erasure { user: caller.user_id, requested_at, step: ErasureStep::Close, items: 0, objects: 0 };
    deps.store.begin_erasure(&erasure).await?;
    deps.tell(SOURCE, ErasureRequested::DETAIL_TYPE, &ErasureRequested { user_id: caller.user_id }).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(AccountDeletion { status: "deleting".to_owned(), requested_at })))
}

/// Whether a deletion can go on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Further,
    /// It waits for somebody else, or for the time to pass.
    Waits,
    Done,
}

/// Carries a deletion one step further and notes it.
pub(crate) async fn advance(deps: &Deps, user: UserId) -> Result<Progress, ApiError> {
    let Some(mut erasure) = deps.store.erasure(user).await? else { return Ok(Progress::Done) };
    let now = web::now();
    let complete = match &erasure.step {
        ErasureStep::Close => close(deps, &erasure, now).await?,
        ErasureStep::Items { after, last } => {
            let (items, next) = deps.store.erase_items(user, after.clone()).await?;
            erasure.items += items;
            let complete = next.is_none();
            erasure.step = ErasureStep::Items { after: next, last: *last };
            complete
        }
        ErasureStep::Objects { .. } => {
            // What was never completed the bucket itself forgets after two days.
            let (objects, more) = deps.store.erase_objects(user).await?;
            erasure.objects += objects;
            !more
        }
        ErasureStep::Settle { until } if now < *until => return Ok(Progress::Waits),
        ErasureStep::Settle { .. } | ErasureStep::Done => true,
    };
    let waits = !complete && erasure.step == ErasureStep::Close;
    if complete {
        erasure.step = erasure.step.next(now + SignedDuration::from_secs(i64::from(deps.erasure_settle_seconds)));
    }
    if erasure.step == ErasureStep::Done {
        let Erasure { requested_at, items, objects, .. } = erasure;
        let receipt = ErasureReceipt { requested_at, finished_at: now, items, objects };
        deps.store.finish_erasure(user, &receipt).await?;
        return Ok(Progress::Done);
    }
    deps.store.put_erasure(&erasure).await?;
    Ok(if waits { Progress::Waits } else { Progress::Further })
}

/// Ends what runs and gives back what other services gave; whether that is done.
async fn close(deps: &Deps, erasure: &Erasure, now: Timestamp) -> Result<bool, ApiError> {
    let user = erasure.user;
    terminate::all(deps, user).await?;
    let connected = deps.store.all_integrations(user).await?;
    for integration in &connected {
        disconnect(deps, integration, now).await?;
    }
    let waited = now.duration_since(erasure.requested_at);
    let waits = waited.as_secs() < limits::ERASURE_CLOSE_SECONDS_MAX;
    Ok(!waits || connected.is_empty() && deps.store.sandboxes(user).await? == 0)
}

/// Has the integrations function take an access back. Who is faster has asked for
/// it already, or the next look does.
async fn disconnect(deps: &Deps, integration: &Integration, now: Timestamp) -> Result<(), ApiError> {
    if integration.connection == Connection::Disconnecting {
        return Ok(());
    }
    if deps.store.change_integration(&integration.disconnect(now)).await? {
        deps.store.put_due(integration.owner, integration.id, now).await?;
        let request = DisconnectRequested { user_id: integration.owner, integration_id: integration.id };
        deps.tell(INTEGRATIONS_SOURCE, DisconnectRequested::DETAIL_TYPE, &request).await?;
    }
    Ok(())
}
