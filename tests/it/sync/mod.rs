//! Integrations through the stack: what a service holds is what is listed, whatever
//! happens on the way. How each failure of a service is read, the tests of
//! `functions/integrations` say.

mod connecting;
mod following;
mod hooks;
mod killed;
mod letters;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::{Account, Api, Integration, Options, Service, Stack};

/// A user of a stack with an account that is connected and read.
struct Connected {
    stack: Stack,
    user: String,
    api: Api,
    account: Account,
    integration: Integration,
}

impl Connected {
    /// On a stack of its own: what the fakes tell, and when, is the same for all accounts.
    async fn new(service: Service) -> Result<Self> {
        Self::on(Stack::start_with(Options { memory: true, ..Options::default() }).await?, service).await
    }

    async fn on(stack: Stack, service: Service) -> Result<Self> {
        let (user, api) = user(&stack).await?;
        let account = Account::new(&stack.fakes(), service).await?;
        let integration = account.connect(&api).await?;
        account.agrees(&integration).await?;
        let connected = Self { stack, user, api, account, integration };
        connected.settled().await?;
        Ok(connected)
    }

    /// Waits until nothing that was asked for is still to be done.
    async fn settled(&self) -> Result<Value> {
        self.integration.until(|view| view["sync_status"] == "synced").await
    }

    /// What the schedule does when the hour is over.
    async fn hour(&self) -> Result<()> {
        self.stack.seed().await?.hour_passes(&self.user, &self.integration.id).await?;
        self.stack.invoke(SYNC, &serde_json::json!({})).await.map(drop)
    }

    /// Why each run was begun, the newest first.
    async fn reasons(&self) -> Result<Vec<String>> {
        let path = format!("/api/integrations/{}/logs?limit=100", self.integration.id);
        let logs = self.api.get(&path).await?.expect(200)?;
        let logs = logs["logs"].as_array().context("logs")?.clone();
        Ok(logs.iter().map(|run| run["reason"].as_str().unwrap_or_default().to_owned()).collect())
    }
}

/// The function that works without a caller.
const SYNC: &str = "IntegrationsSyncFunction";

/// A new user: the id, and the API as they call it.
async fn user(stack: &Stack) -> Result<(String, Api)> {
    let seed = stack.seed().await?;
    let user = seed.user_id().await?;
    let api = stack.api().with_token(&seed.token_with(&user, domain::Scope::ALL).await?);
    Ok((user, api))
}
