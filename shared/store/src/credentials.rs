//! Credentials of integrations: sealed before they come here, opened nowhere in here.

use domain::{IntegrationId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Result, from_item, n, s, to_item};
use crate::{Store, keys};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCredentials {
    /// Of the key that they are sealed with.
    pub key_id: String,
    /// Nonce and ciphertext in base64.
    pub sealed: String,
    /// Of the access token; `None` when it does not expire by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Counts the changes.
    #[serde(default)]
    pub rev: u64,
}

impl Store {
    pub async fn credentials(&self, owner: UserId, integration: IntegrationId) -> Result<Option<SealedCredentials>> {
        self.get(keys::credentials(owner, integration)).await
    }

    /// Writes new credentials, whatever stood there: whoever is renewing the old ones finds them changed.
    pub async fn put_credentials(
        &self,
        owner: UserId,
        integration: IntegrationId,
        credentials: &SealedCredentials,
    ) -> Result<SealedCredentials> {
        let expires_at = serde_dynamo::to_attribute_value(credentials.expires_at).map_err(crate::Error::malformed)?;
        let values = [
            (":key", s(&credentials.key_id)),
            (":sealed", s(&credentials.sealed)),
            (":expires", expires_at),
            (":zero", n(0)),
            (":one", n(1)),
        ];
        let set = "SET key_id = :key, sealed = :sealed, expires_at = :expires, rev = if_not_exists(rev, :zero) + :one \
                   REMOVE renewed_until";
        from_item(self.update(keys::credentials(owner, integration), set, &values).await?)
    }

    /// Writes renewed or newly sealed credentials in the place of those of `before`; false
    /// when others have come meanwhile.
    pub async fn replace_credentials(
        &self,
        owner: UserId,
        integration: IntegrationId,
        before: u64,
        credentials: &SealedCredentials,
    ) -> Result<Option<SealedCredentials>> {
        let replaced = SealedCredentials { rev: before + 1, ..credentials.clone() };
        let item = to_item(keys::credentials(owner, integration), &replaced)?;
        let put = self.put_if(item, Condition::CredentialsUnchanged, &[(":before", n(before))]).await?;
        Ok(put.map(|_| replaced))
    }

    /// Of all who want to renew the credentials of `before`, lets one do it for some time.
    pub async fn begin_renewal(
        &self,
        owner: UserId,
        integration: IntegrationId,
        before: u64,
        now: Timestamp,
        time: SignedDuration,
    ) -> Result<bool> {
        let values =
            [(":before", n(before)), (":now", n(now.as_millisecond())), (":until", n((now + time).as_millisecond()))];
        let key = keys::credentials(owner, integration);
        let begun = self.update_if(key, "SET renewed_until = :until", Condition::RenewalFree, &values).await?;
        Ok(begun.is_some())
    }

    /// Lets the next one try, after a renewal that failed.
    pub async fn end_renewal(&self, owner: UserId, integration: IntegrationId, before: u64) -> Result<()> {
        let (key, values) = (keys::credentials(owner, integration), [(":before", n(before))]);
        self.update_if(key, "REMOVE renewed_until", Condition::CredentialsUnchanged, &values).await.map(drop)
    }

    pub async fn delete_credentials(&self, owner: UserId, integration: IntegrationId) -> Result<()> {
        self.delete(keys::credentials(owner, integration)).await
    }
}
