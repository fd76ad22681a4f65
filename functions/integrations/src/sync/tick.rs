//! The schedule: has every integration looked after that is due.

use domain::sync::Reason;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use wire::bus::SyncRequested;

use crate::error::chain;
use crate::{Deps, WorkError, credentials};

pub(super) async fn tick(deps: &Deps, now: Timestamp) -> Result<(), WorkError> {
    let due = deps.store.due_integrations().await?;
    let requests: Vec<SyncRequested> = due
        .iter()
        .filter(|integration| integration.is_due(now))
        .map(|integration| SyncRequested {
            user_id: integration.owner,
            integration_id: integration.integration_id,
            resource: None,
            reason: Reason::Schedule,
        })
        .collect();
    deps.outbox.sync(&requests).await?;
    let configured = deps.providers().await?.iter().filter(|provider| provider.configured());
    for failed in join_all(configured.map(|provider| provider.maintain(now))).await.into_iter().filter_map(Result::err)
    {
        tracing::error!(error = chain(&failed), "a provider's upkeep failed");
    }
    Ok(())
}

/// Seals all credentials with the first of the keys; how many were, and how many failed.
pub(super) async fn reseal_all(deps: &Deps) -> Result<Value, WorkError> {
    let (mut resealed, mut failed) = (0, 0);
    for each in deps.store.due_integrations().await? {
        let Some(integration) = deps.store.integration(each.owner, each.integration_id).await? else { continue };
        match credentials::reseal(deps, &integration).await {
            Ok(done) => resealed += u32::from(done),
            Err(error) => {
                failed += 1;
                tracing::error!(integration.id = %integration.id, error = chain(&error), "credentials were not resealed");
            }
        }
    }
    Ok(json!({ "resealed": resealed, "failed": failed }))
}
