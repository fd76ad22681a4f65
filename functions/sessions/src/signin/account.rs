//! Finds or makes the account of somebody whom a provider vouches for.

use domain::identity::Profile;
use domain::{SignupPolicy, UserId, limits};
use jiff::Timestamp;
use store::Store;

use super::refusal::SigninError;

/// The user that this person is. Repeated at once by two browsers it makes one.
pub(super) async fn find_or_create(
    store: &Store,
    profile: &Profile,
    production: bool,
    now: Timestamp,
) -> Result<UserId, SigninError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        if let Some(user) = store.user_by_identity(profile.provider, &profile.subject).await? {
            store.refresh_profile(user, &profile.name, profile.avatar_url.as_deref()).await?;
            return Ok(user);
        }
        // Both providers have verified the address, so it is the same person.
        if let Some(user) = store.user_by_email(&profile.email).await? {
            if store.link_identity(&profile.identity_of(user, now)).await? {
                return Ok(user);
            }
            continue;
        }
        let first = !store.has_admin().await?;
        if !first && !policy(store, production).await?.admits(&profile.email) {
            return Err(SigninError::SignupClosed);
        }
        let user = profile.new_user(first, now);
        if store.create_account(&user, &profile.identity_of(user.id, now), first).await? {
            return Ok(user.id);
        }
    }
    Err(SigninError::Busy)
}

async fn policy(store: &Store, production: bool) -> Result<SignupPolicy, store::Error> {
    Ok(store.signup_policy().await?.unwrap_or_else(|| SignupPolicy::unless_set(production)))
}
