//! Users, who they are elsewhere, and the one address that each has.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::identity::{Email, IdentityProvider};
use domain::{Identity, User, UserId};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, s, service, to_item};
use crate::{Store, keys};

/// To whom something belongs that is not found by its owner.
#[derive(Serialize, Deserialize)]
struct Owner {
    user_id: UserId,
}

impl Store {
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.get(keys::user(id)).await
    }

    /// Writes a user as they are, for deployments that are seeded.
    pub async fn put_user(&self, user: &User) -> Result<()> {
        let owner = Owner { user_id: user.id };
        let email: Email = user.email.parse().map_err(Error::malformed)?;
        self.put(to_item(keys::email(&email), &owner)?).await?;
        self.put(to_item(keys::listed_user(user.id), &owner)?).await?;
        self.put(to_item(keys::user(user.id), user)?).await
    }

    /// Makes an account, if neither the identity nor its address has one; the
    /// `first` of a deployment only if there was none before. False when another
    /// sign-in was faster: look again.
    pub async fn create_account(&self, user: &User, identity: &Identity, first: bool) -> Result<bool> {
        let owner = Owner { user_id: user.id };
        let mut writes = self.identity_writes(identity)?;
        writes.push(self.put_in(to_item(keys::email(&identity.email), &owner)?, Condition::EmailFree, &[])?);
        writes.push(self.put_in(to_item(keys::user(user.id), user)?, Condition::New, &[])?);
        writes.push(self.put_in(to_item(keys::listed_user(user.id), &owner)?, Condition::New, &[])?);
        if first {
            writes.push(self.put_in(to_item(keys::first_admin(), &owner)?, Condition::FirstAdmin, &[])?);
        }
        self.transact(writes).await
    }

    /// Notes that a user is somebody at one more provider; false when that identity
    /// was taken meanwhile.
    pub async fn link_identity(&self, identity: &Identity) -> Result<bool> {
        self.transact(self.identity_writes(identity)?).await
    }

    /// Whose identity this is.
    pub async fn user_by_identity(&self, provider: IdentityProvider, subject: &str) -> Result<Option<UserId>> {
        let owner: Option<Owner> = self.get(keys::identity(provider, subject)).await?;
        Ok(owner.map(|owner| owner.user_id))
    }

    /// Whose address this is.
    pub async fn user_by_email(&self, email: &Email) -> Result<Option<UserId>> {
        let owner: Option<Owner> = self.get(keys::email(email)).await?;
        Ok(owner.map(|owner| owner.user_id))
    }

    /// Who the user is elsewhere.
    pub async fn identities(&self, user: UserId) -> Result<Vec<Identity>> {
        let found = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::user_partition(user)))
            .expression_attribute_values(":prefix", s(keys::IDENTITY_PREFIX))
            .send()
            .await
            .map_err(service("Query"))?;
        found.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Takes name and picture over as the provider has them now, if the user is
    /// still there.
    pub async fn refresh_profile(&self, id: UserId, name: &str, avatar_url: Option<&str>) -> Result<()> {
        let avatar = serde_dynamo::to_attribute_value(avatar_url).map_err(Error::malformed)?;
        let updated = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::user(id).into_map()))
            .update_expression("SET #name = :name, avatar_url = :avatar")
            .condition_expression(self.condition(Condition::UserThere))
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":name", s(name))
            .expression_attribute_values(":avatar", avatar)
            .send()
            .await;
        match updated {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            other => other.map(drop).map_err(service("UpdateItem")),
        }
    }

    /// Whether somebody administers the deployment.
    pub async fn has_admin(&self) -> Result<bool> {
        let owner: Option<Owner> = self.get(keys::first_admin()).await?;
        Ok(owner.is_some())
    }

    /// All users, oldest first, from behind `after`; whether there are more.
    pub async fn users(&self, after: Option<UserId>, limit: u32) -> Result<(Vec<User>, bool)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::USERS))
            .set_exclusive_start_key(after.map(|id| keys::listed_user(id).into_map()))
            // One more than asked for tells whether there is another page.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        let mut owners = page.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<Vec<Owner>>>()?;
        let more = owners.len() > limit;
        owners.truncate(limit);
        let users = try_join_all(owners.iter().map(|owner| self.user(owner.user_id))).await?;
        Ok((users.into_iter().flatten().collect(), more))
    }

    fn identity_writes(&self, identity: &Identity) -> Result<Vec<TransactWriteItem>> {
        let Identity { user_id, provider, subject, .. } = identity;
        let pointer = to_item(keys::identity(*provider, subject), &Owner { user_id: *user_id })?;
        let own = to_item(keys::user_identity(*user_id, *provider, subject), identity)?;
        let put = Put::builder().table_name(&self.table).set_item(Some(own)).build().map_err(Error::malformed)?;
        Ok(vec![self.put_in(pointer, Condition::IdentityFree, &[])?, TransactWriteItem::builder().put(put).build()])
    }
}
