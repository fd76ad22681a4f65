//! What happens without a caller: the schedule, and what is asked for on the bus.
//!
//! Webhook, schedule and button all end in one event, `sync.requested`. Without a
//! resource it has the integration looked after ([`plan`]); with one a worker takes the
//! resource's lease and reads on from its cursor ([`run`]). Every event may come twice,
//! late or not at all: what is to be done stands in the table.

mod apply;
mod disconnect;
mod plan;
mod run;
mod tick;

use domain::Integration;
use domain::integration::{Account, ErrorClass};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use wire::bus::{DisconnectRequested, SyncRequested};

use crate::credentials::{self, Opened};
use crate::providers::{Call, Failure, Provider};
use crate::{Deps, WorkError};

/// An event as EventBridge delivers it; the schedule's has no detail of use.
#[derive(Debug, Deserialize)]
pub struct BusEvent {
    #[serde(rename = "detail-type", default)]
    detail_type: String,
    #[serde(default)]
    detail: Value,
}

/// Has all credentials sealed with the first of the keys, after one was added.
const RESEAL: &str = "credentials.reseal";

/// Handles one event that came at `now`; repeats and disorder are harmless. An error has
/// Lambda try again, and in the end put the event into the dead-letter queue.
pub async fn handle(deps: &Deps, event: BusEvent, now: Timestamp) -> Result<Value, WorkError> {
    let done = match event.detail_type.as_str() {
        SyncRequested::DETAIL_TYPE => match serde_json::from_value::<SyncRequested>(event.detail) {
            Ok(request) if request.resource.is_some() => run::run(deps, request, now).await,
            Ok(request) => plan::look_after(deps, request, now).await,
            Err(error) => ignore(&event.detail_type, &error),
        },
        DisconnectRequested::DETAIL_TYPE => match serde_json::from_value(event.detail) {
            Ok(request) => disconnect::carry_out(deps, request, now).await,
            Err(error) => ignore(&event.detail_type, &error),
        },
        RESEAL => return tick::reseal_all(deps).await,
        _ => tick::tick(deps, now).await,
    };
    done.map(|()| json!({}))
}

fn ignore(detail_type: &str, error: &serde_json::Error) -> Result<(), WorkError> {
    tracing::error!(event.detail_type = detail_type, %error, "an event does not have its form");
    Ok(())
}

/// An integration's access to its account, for as long as one use-case calls the provider.
pub(crate) struct Access<'a> {
    deps: &'a Deps,
    provider: &'a dyn Provider,
    integration: &'a Integration,
    account: Account,
    webhook_url: String,
    opened: Opened,
    renewed: bool,
}

impl<'a> Access<'a> {
    pub(crate) async fn open(
        deps: &'a Deps,
        provider: &'a dyn Provider,
        integration: &'a Integration,
    ) -> Result<Self, WorkError> {
        let nobody = || Account { id: String::new(), name: String::new() };
        Ok(Self {
            deps,
            provider,
            integration,
            account: integration.account.clone().unwrap_or_else(nobody),
            webhook_url: deps.webhook_url(&integration.service),
            opened: credentials::usable(deps, provider, integration, None).await?,
            renewed: false,
        })
    }

    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.opened.credentials,
            account: &self.account,
            scopes: &self.integration.scopes,
            config: &self.integration.config,
            webhook_url: &self.webhook_url,
            now: web::now(),
        }
    }

    /// Gives the failure back, unless the call is worth repeating: an access token that
    /// was refused is renewed, once.
    pub(crate) async fn renew(&mut self, failure: Failure) -> Result<(), WorkError> {
        if failure.class != ErrorClass::Unauthorized {
            return Err(failure.into());
        }
        if self.renewed {
            return Err(Failure { class: ErrorClass::Reauth, ..failure }.into());
        }
        self.renewed = true;
        let opened = credentials::usable(self.deps, self.provider, self.integration, Some(&self.opened)).await?;
        self.opened = opened;
        Ok(())
    }
}

/// Calls the provider until it answers, or fails with more than a refused access token.
macro_rules! ask {
    ($access:expr, |$call:ident| $ask:expr) => {
        loop {
            let answer = {
                let $call = &$access.call();
                $ask.await
            };
            match answer {
                Ok(answer) => break Ok(answer),
                Err(failure) => match $access.renew(failure).await {
                    Ok(()) => {}
                    Err(error) => break Err(error),
                },
            }
        }
    };
}
pub(crate) use ask;

#[cfg(test)]
mod tests;
