//! What happens to accounts without a caller: exports, and deletions that go on.

use std::time::{Duration, Instant};

use domain::UserId;
use domain::account::ExportState;
use serde::Deserialize;
use web::ApiError;
use wire::bus::{ErasureRequested, ExportRequested};

use super::archive;
use super::erase::{Progress, advance};
use crate::Deps;

/// An event as EventBridge delivers it; the schedule's has no detail of use.
#[derive(Debug, Deserialize)]
pub struct BusEvent {
    #[serde(rename = "detail-type", default)]
    detail_type: String,
    #[serde(default)]
    detail: serde_json::Value,
}

/// How long a deletion is looked at again and again while it waits for others;
/// after that the schedule comes back to it.
const ATTENDED: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// The event was not carried out; it will come again.
#[derive(Debug, thiserror::Error)]
#[error("an account's event was not carried out")]
pub struct NotDone;

/// Handles one event before `deadline`; repeats are harmless.
pub async fn handle(deps: &Deps, event: BusEvent, deadline: Instant) -> Result<(), NotDone> {
    let done = match event.detail_type.as_str() {
        ExportRequested::DETAIL_TYPE => match serde_json::from_value(event.detail) {
            Ok(asked) => export(deps, asked).await,
            Err(error) => Err(ApiError::internal(error)),
        },
        ErasureRequested::DETAIL_TYPE => match serde_json::from_value::<ErasureRequested>(event.detail) {
            Ok(asked) => erase(deps, asked.user_id, deadline).await,
            Err(error) => Err(ApiError::internal(error)),
        },
        _ => erase_all(deps, deadline).await,
    };
    done.map_err(|error| {
        error.log();
        NotDone
    })
}

async fn erase_all(deps: &Deps, deadline: Instant) -> Result<(), ApiError> {
    for erasure in deps.store.erasures().await? {
        if let Err(error) = erase(deps, erasure.user, deadline).await {
            // The others are not to wait for it; the next minute tries again.
            error.log();
        }
    }
    Ok(())
}

async fn erase(deps: &Deps, user: UserId, deadline: Instant) -> Result<(), ApiError> {
    let attended_until = Instant::now() + ATTENDED;
    while Instant::now() < deadline {
        match advance(deps, user).await? {
            Progress::Further => {}
            Progress::Waits if Instant::now() < attended_until => tokio::time::sleep(PAUSE).await,
            Progress::Waits | Progress::Done => return Ok(()),
        }
    }
    Ok(())
}

async fn export(deps: &Deps, asked: ExportRequested) -> Result<(), ApiError> {
    let Some(mut export) = deps.store.export(asked.user_id, asked.export_id).await? else { return Ok(()) };
    if export.state != ExportState::Pending {
        return Ok(());
    }
    let now = web::now();
    export.state = match archive::make(&deps.store, &export, now).await {
        Ok(state) => state,
        // Trying again may help.
        Err(archive::ArchiveError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let reason = error.to_string();
            ApiError::internal(error).log();
            ExportState::Failed { reason }
        }
    };
    deps.store.put_export(&export, now).await?;
    Ok(())
}
