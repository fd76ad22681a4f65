//! The sign-in, with what GitHub does differently: errors come with status 200, and a
//! renewal kills the old refresh token and the old access token at once.

use domain::integration::{Account, ErrorClass};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, send};
use crate::providers::{AccessToken, Authorization, Code, Credentials, Failure, Grant, Settings};

/// Of an OAuth app: the one scope that shows issues of private repositories.
pub(super) const SCOPE: &str = "repo";

/// Our registration at GitHub.
pub(super) struct Client {
    api: Api,
    site: String,
    id: String,
    secret: String,
    is_app: bool,
}

/// What the token endpoint says, good or bad.
#[derive(Deserialize)]
struct Told {
    error: Option<String>,
    error_description: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<i64>,
    #[serde(default)]
    scope: String,
}

impl Client {
    pub(super) fn new(settings: &Settings, api: Api, is_app: bool) -> Option<Self> {
        let (id, secret) = (settings.get("GITHUB_CLIENT_ID")?, settings.get("GITHUB_CLIENT_SECRET")?);
        let site = settings.url("GITHUB_BASE_URL", "https://github.com");
        Some(Self { api, site, id: id.to_owned(), secret: secret.to_owned(), is_app })
    }

    pub(super) fn authorize_url(&self, authorization: &Authorization<'_>) -> String {
        let mut query = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", authorization.redirect_uri),
            ("state", authorization.state),
            ("code_challenge", authorization.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        if !self.is_app {
            query.push(("scope", SCOPE));
        }
        match authorization.account {
            Some(account) => query.push(("login", &account.name)),
            None => query.push(("prompt", "select_account")),
        }
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        format!("{}/login/oauth/authorize?{query}", self.site)
    }

    pub(super) async fn exchange(&self, code: &Code<'_>) -> Result<Grant, Failure> {
        let fields = [("code", code.code), ("redirect_uri", code.redirect_uri), ("code_verifier", code.code_verifier)];
        let (credentials, scopes) = self.tokens(&fields, code.now).await?;
        let account = self.account(&credentials, code.now).await?;
        Ok(Grant { credentials, account, scopes })
    }

    pub(super) async fn refresh(&self, credentials: &Credentials, now: Timestamp) -> Result<Credentials, Failure> {
        let Some(refresh_token) = &credentials.refresh_token else {
            return Err(Failure::reauth("GitHub no longer accepts our access."));
        };
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let (renewed, _) = self.tokens(&fields, now).await?;
        Ok(Credentials { extra: credentials.extra.clone(), ..renewed })
    }

    /// Takes back all that the user granted us, not just this token.
    pub(super) async fn revoke(&self, credentials: &Credentials) -> Result<(), Failure> {
        let url = self.api.url(&format!("/applications/{}/grant", self.id));
        let body = json!({ "access_token": credentials.access_token.reveal() });
        let request = self.api.request(Method::DELETE, &url).basic_auth(&self.id, Some(&self.secret)).json(&body);
        match send(request, Timestamp::now()).await.map_err(Failure::from) {
            Ok(_) => Ok(()),
            // GitHub does not know the token (404, 422): it is gone already.
            Err(failure) if matches!(failure.class, ErrorClass::Gone | ErrorClass::Bug) => Ok(()),
            Err(failure) if failure.class == ErrorClass::Unauthorized => {
                Err(Failure::bug("GitHub does not accept this deployment's client."))
            }
            Err(failure) => Err(failure),
        }
    }

    async fn tokens(&self, fields: &[(&str, &str)], now: Timestamp) -> Result<(Credentials, Vec<String>), Failure> {
        let mut form = vec![("client_id", self.id.as_str()), ("client_secret", &self.secret)];
        form.extend_from_slice(fields);
        let url = format!("{}/login/oauth/access_token", self.site);
        let told: Told = send(self.api.form(&url, &form), now).await?.json()?;
        if let Some(error) = told.error {
            return Err(refused(&error, told.error_description));
        }
        let Some(access_token) = told.access_token else {
            return Err(Failure::retry("GitHub's answer holds no token."));
        };
        let credentials = Credentials {
            access_token: AccessToken::new(access_token),
            refresh_token: told.refresh_token,
            expires_at: told.expires_in.map(|seconds| now + SignedDuration::from_secs(seconds)),
            extra: Value::Null,
        };
        let scopes = told.scope.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        Ok((credentials, scopes))
    }

    /// Whose it is: asked after every sign-in, and known by its number, for logins change.
    async fn account(&self, credentials: &Credentials, now: Timestamp) -> Result<Account, Failure> {
        #[derive(Deserialize)]
        struct User {
            id: u64,
            login: String,
        }
        let url = self.api.url("/user");
        let user: User = self.api.get(&url, credentials.access_token.reveal(), None, now).await?.json()?;
        Ok(Account { id: user.id.to_string(), name: user.login })
    }
}

/// An error that came with status 200.
fn refused(error: &str, description: Option<String>) -> Failure {
    let failure = match error {
        "bad_refresh_token" => Failure::reauth("GitHub no longer accepts our access."),
        "bad_verification_code" => Failure::permanent("The sign-in at GitHub took too long, or was used before."),
        "incorrect_client_credentials" | "redirect_uri_mismatch" | "unsupported_grant_type" => {
            Failure::bug("GitHub does not accept this deployment's client.")
        }
        _ => Failure::permanent("GitHub refused the sign-in."),
    };
    failure.caused_by(format!("GitHub said {error}: {}", description.unwrap_or_default()))
}
