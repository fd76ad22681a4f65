//! Who it is, in GitHub's words.

use domain::IdentityProvider;
use domain::identity::{Email, Profile};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::oauth::Providers;
use super::refusal::SigninError;

/// The version that the answers below are of.
const API_VERSION: &str = "2022-11-28";

#[derive(Deserialize)]
struct User {
    /// Stays, whatever becomes of `login`.
    id: u64,
    login: String,
    name: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

pub(super) async fn profile(providers: &Providers, token: &str) -> Result<Profile, SigninError> {
    let user: User = get(providers, "/user", token).await?;
    let addresses: Vec<Address> = get(providers, "/user/emails?per_page=100", token).await?;
    let email = primary(&addresses).ok_or(SigninError::EmailUnverified)?;
    let name = user.name.filter(|name| !name.trim().is_empty()).unwrap_or(user.login);
    Ok(Profile {
        provider: IdentityProvider::Github,
        subject: user.id.to_string(),
        email,
        name,
        avatar_url: user.avatar_url,
    })
}

fn primary(addresses: &[Address]) -> Option<Email> {
    addresses.iter().find(|address| address.primary && address.verified)?.email.parse().ok()
}

async fn get<T: DeserializeOwned>(providers: &Providers, path: &str, token: &str) -> Result<T, SigninError> {
    let request = web::http::client()
        .get(format!("{}{path}", providers.github_api_url))
        .bearer_auth(token)
        .header("accept", "application/vnd.github+json")
        .header("x-github-api-version", API_VERSION);
    let failed = |error: reqwest::Error| SigninError::ProviderFailed(error.without_url().to_string());
    let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    answer.json().await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_primary_and_verified_address_counts() {
        let address = |email: &str, primary, verified| Address { email: email.to_owned(), primary, verified };
        let found = |addresses: &[Address]| primary(addresses).map(String::from);
        let (other, good) = (address("other@x.y", false, true), address("Ana@X.y", true, true));
        assert_eq!(found(&[other, good]).as_deref(), Some("ana@x.y"));
        assert_eq!(found(&[address("a@x.y", true, false), address("b@x.y", false, true)]), None);
        assert_eq!(found(&[]), None);
    }
}
