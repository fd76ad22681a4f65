//! Who it is, in Google's words: an ID token.

use domain::IdentityProvider;
use domain::identity::Profile;
use serde::Deserialize;
use web::jwks::{Expected, TokenError};

use super::oauth::Providers;
use super::refusal::SigninError;

/// Both spellings are documented.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

#[derive(Deserialize)]
struct Claims {
    /// Stays, whatever becomes of the address.
    sub: String,
    nonce: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    name: Option<String>,
    picture: Option<String>,
}

pub(super) async fn profile(providers: &Providers, id_token: &str, nonce: &str) -> Result<Profile, SigninError> {
    let audience = providers.client_id(IdentityProvider::Google).await?;
    let expected = Expected { issuers: &ISSUERS, audience: &audience };
    let verified = providers.google_keys().verify::<Claims>(id_token, &expected, web::now()).await;
    let claims = verified.map_err(|error| match error {
        TokenError::Unavailable(cause) => SigninError::ProviderFailed(cause.without_url().to_string()),
        error => SigninError::IdentityRejected(Some(error)),
    })?;
    of_claims(claims, nonce)
}

fn of_claims(claims: Claims, nonce: &str) -> Result<Profile, SigninError> {
    // A token of another sign-in says another one.
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(SigninError::IdentityRejected(None));
    }
    let email = claims.email.filter(|_| claims.email_verified).and_then(|email| email.parse().ok());
    let email: domain::identity::Email = email.ok_or(SigninError::EmailUnverified)?;
    let name = claims.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| email.as_str().to_owned());
    Ok(Profile { provider: IdentityProvider::Google, subject: claims.sub, email, name, avatar_url: claims.picture })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(nonce: Option<&str>, email_verified: bool) -> Claims {
        Claims {
            sub: "1".into(),
            nonce: nonce.map(str::to_owned),
            email: Some("Ana@Example.com".into()),
            email_verified,
            name: None,
            picture: None,
        }
    }

    #[test]
    fn an_id_token_of_another_sign_in_is_refused() {
        for nonce in [None, Some("other")] {
            assert!(matches!(of_claims(claims(nonce, true), "mine"), Err(SigninError::IdentityRejected(None))));
        }
        assert_eq!(of_claims(claims(Some("mine"), true), "mine").unwrap().email.as_str(), "ana@example.com");
    }

    #[test]
    fn an_address_that_google_has_not_verified_is_refused() {
        assert!(matches!(of_claims(claims(Some("n"), false), "n"), Err(SigninError::EmailUnverified)));
    }
}
