//! Integrations: one item each, and a pointer from the account that it connects.

use domain::integration::Account;
use domain::{Integration, IntegrationId, Service, UserId};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Result, from_item, n, s, to_item};
use crate::{Store, keys};

/// Which integration connects an account.
#[derive(Serialize, Deserialize)]
struct AccountPointer {
    integration_id: IntegrationId,
}

impl Store {
    /// Writes an integration that is not there yet; false when its id is taken.
    pub async fn create_integration(&self, integration: &Integration) -> Result<bool> {
        self.put_new(to_item(keys::integration(integration.owner, integration.id), integration)?).await
    }

    /// The owner's integration of this id.
    pub async fn integration(&self, owner: UserId, id: IntegrationId) -> Result<Option<Integration>> {
        self.get(keys::integration(owner, id)).await
    }

    /// The owner's integrations, newest first, from behind `after`; whether there are more.
    pub async fn integrations(
        &self,
        owner: UserId,
        after: Option<IntegrationId>,
        limit: u32,
    ) -> Result<(Vec<Integration>, bool)> {
        let after = after.map(|id| keys::integration(owner, id));
        let (items, more) =
            self.page_with_prefix(keys::user_partition(owner), keys::INTEGRATION_PREFIX, after, limit).await?;
        Ok((items.into_iter().map(from_item).collect::<Result<_>>()?, more))
    }

    /// All of the owner's integrations.
    pub async fn all_integrations(&self, owner: UserId) -> Result<Vec<Integration>> {
        let items = self.all_with_prefix(keys::user_partition(owner), keys::INTEGRATION_PREFIX).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Writes a changed integration if it is still as it was before the change; whether it was.
    pub async fn change_integration(&self, changed: &Integration) -> Result<bool> {
        let item = to_item(keys::integration(changed.owner, changed.id), changed)?;
        let before = [(":before", n(changed.rev - 1))];
        Ok(self.put_if(item, Condition::IntegrationUnchanged, &before).await?.is_some())
    }

    /// The integration by which the owner has connected an account, if one has.
    pub async fn integration_of_account(
        &self,
        owner: UserId,
        service: &Service,
        account: &str,
    ) -> Result<Option<Integration>> {
        let pointer: Option<AccountPointer> = self.get(keys::account(owner, service, account)).await?;
        match pointer {
            Some(pointer) => self.integration(owner, pointer.integration_id).await,
            None => Ok(None),
        }
    }

    /// Writes an integration that was connected to `account`, new or changed; false when
    /// either the integration was changed or the account connected otherwise meanwhile.
    pub async fn connect_integration(&self, connected: &Integration, account: &Account, new: bool) -> Result<bool> {
        let item = to_item(keys::integration(connected.owner, connected.id), connected)?;
        let integration = match new {
            true => self.put_in(item, Condition::New, &[])?,
            false => self.put_in(item, Condition::IntegrationUnchanged, &[(":before", n(connected.rev - 1))])?,
        };
        let pointer = to_item(
            keys::account(connected.owner, &connected.service, &account.id),
            &AccountPointer { integration_id: connected.id },
        )?;
        let mine = [(":integration", s(connected.id.to_string()))];
        self.transact(vec![integration, self.put_in(pointer, Condition::AccountFree, &mine)?]).await
    }

    /// Deletes an integration with its pointers, after everything else of it.
    pub async fn delete_integration(&self, integration: &Integration) -> Result<()> {
        self.delete(keys::credentials(integration.owner, integration.id)).await?;
        self.delete(keys::due(integration.id)).await?;
        let mut writes = vec![self.delete_in(keys::integration(integration.owner, integration.id))?];
        if let Some(account) = &integration.account {
            writes.push(self.delete_in(keys::account(integration.owner, &integration.service, &account.id))?);
        }
        self.transact(writes).await.map(drop)
    }
}
