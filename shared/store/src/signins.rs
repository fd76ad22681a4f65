//! Sign-ins under way, each finished once, and the deployment's rule for new accounts.

use domain::login::SigninRecord;
use domain::{SignupPolicy, TokenHash};
use jiff::Timestamp;

use crate::item::{Result, n, to_item};
use crate::{Store, keys};

impl Store {
    /// Notes a sign-in that was sent to its provider, under the hash of its `state`.
    pub async fn put_signin(&self, state: &TokenHash, signin: &SigninRecord) -> Result<()> {
        let mut item = to_item(keys::signin(state), signin)?;
        item.insert("ttl".into(), n(signin.expires_at.as_second()));
        self.put(item).await
    }

    /// Uses a sign-in up; `None` when there is none, it was used, or its time is over.
    pub async fn take_signin(&self, state: &TokenHash, now: Timestamp) -> Result<Option<SigninRecord>> {
        let signin: Option<SigninRecord> = self.take(keys::signin(state)).await?;
        Ok(signin.filter(|signin| signin.expires_at > now))
    }

    /// The rule for new accounts, if an administrator has set one.
    pub async fn signup_policy(&self) -> Result<Option<SignupPolicy>> {
        self.get(keys::signup()).await
    }

    pub async fn put_signup_policy(&self, policy: &SignupPolicy) -> Result<()> {
        self.put(to_item(keys::signup(), policy)?).await
    }
}
