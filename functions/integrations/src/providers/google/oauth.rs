//! Google's side of connecting an account.

use domain::integration::Account;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;
use web::jwks::Expected;

use super::{Google, ISSUERS};
use crate::providers::{AccessToken, Authorization, Code, Credentials, Failure, Grant};

/// What every service asks for: who it is.
pub(super) const IDENTITY: [&str; 2] = ["openid", "email"];

/// The answer of the token endpoint.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: i64,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    id_token: Option<String>,
}

/// What the ID token says of the account.
#[derive(Deserialize)]
struct Identity {
    sub: String,
    email: String,
}

#[derive(Default, Deserialize)]
struct OAuthError {
    #[serde(default)]
    error: String,
}

impl Google {
    /// Consent is asked for every time: without it a repeated connection gets no refresh token.
    pub(super) fn authorize_url(&self, asked: &Authorization<'_>, scopes: &[String]) -> Result<String, Failure> {
        let base = format!("{}/o/oauth2/v2/auth", self.accounts_url);
        let scope = scopes.join(" ");
        let mut url = Url::parse_with_params(
            &base,
            [
                ("client_id", self.client_id.as_str()),
                ("redirect_uri", asked.redirect_uri),
                ("response_type", "code"),
                ("scope", &scope),
                ("state", asked.state),
                ("access_type", "offline"),
                ("prompt", "consent"),
                ("include_granted_scopes", "true"),
                ("code_challenge", asked.code_challenge),
                ("code_challenge_method", "S256"),
            ],
        )
        .map_err(|error| Failure::bug("The address of Google's consent page is not valid").caused_by(error))?;
        if let Some(account) = asked.account {
            url.query_pairs_mut().append_pair("login_hint", &account.name);
        }
        Ok(url.into())
    }

    /// `needed`: the scope without which the service is of no use; its owner can untick it.
    pub(super) async fn exchange(&self, code: &Code<'_>, needed: &str) -> Result<Grant, Failure> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.code),
            ("redirect_uri", code.redirect_uri),
            ("code_verifier", code.code_verifier),
        ];
        let tokens = self.tokens(&fields).await?;
        let scopes: Vec<String> = tokens.scope.split_whitespace().map(str::to_owned).collect();
        if !scopes.iter().any(|scope| scope == needed) {
            let message = "You did not allow Agent Ops to read this; connect again and leave the box ticked";
            return Err(Failure::permanent(message));
        }
        if tokens.refresh_token.is_none() {
            return Err(Failure::reauth("Google sent no lasting permission; connect the account again"));
        }
        let account = self.identity(tokens.id_token.as_deref().unwrap_or_default(), code.now).await?;
        Ok(Grant { credentials: credentials(tokens, None, code.now), account, scopes })
    }

    async fn identity(&self, id_token: &str, now: Timestamp) -> Result<Account, Failure> {
        let expected = Expected { issuers: &ISSUERS, audience: &self.client_id };
        let identity: Identity = self.jwks.verify(id_token, &expected, now).await.map_err(|error| {
            Failure::retry("Google did not prove whose account it is; connect again").caused_by(error)
        })?;
        Ok(Account { id: identity.sub, name: identity.email })
    }

    pub(super) async fn refresh(&self, credentials: &Credentials, now: Timestamp) -> Result<Credentials, Failure> {
        let Some(refresh_token) = &credentials.refresh_token else {
            return Err(Failure::reauth("Google has to be asked for a lasting permission; connect the account again"));
        };
        let tokens = self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await?;
        Ok(self::credentials(tokens, Some(refresh_token), now))
    }

    /// Ends the whole grant; one that is gone already is as good.
    pub(super) async fn revoke(&self, credentials: &Credentials) -> Result<(), Failure> {
        let access_token = credentials.access_token.reveal();
        let token = credentials.refresh_token.as_deref().unwrap_or(access_token);
        let response = self.post("revoke", &[("token", token)]).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        match error_of(response).await.as_str() {
            "invalid_token" => Ok(()),
            _ if status.is_client_error() => Err(Failure::bug(format!("Google refused to end the grant ({status})"))),
            _ => Err(Failure::retry(format!("Google could not end the grant now ({status})"))),
        }
    }

    async fn tokens(&self, fields: &[(&str, &str)]) -> Result<Tokens, Failure> {
        let client = [("client_id", self.client_id.as_str()), ("client_secret", &self.client_secret)];
        let response = self.post("token", &[fields, &client].concat()).await?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(unreachable);
        }
        Err(refused(status, &error_of(response).await))
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<reqwest::Response, Failure> {
        let form = serde_urlencoded::to_string(form)
            .map_err(|error| Failure::bug("What Google is asked has no form").caused_by(error))?;
        let request = self.http.post(format!("{}/{path}", self.oauth_url));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        request.send().await.map_err(unreachable)
    }
}

fn credentials(tokens: Tokens, kept: Option<&str>, now: Timestamp) -> Credentials {
    Credentials {
        access_token: AccessToken::new(tokens.access_token),
        // Usually none is sent on renewal, and the old one goes on.
        refresh_token: tokens.refresh_token.or_else(|| kept.map(str::to_owned)),
        expires_at: Some(now + SignedDuration::from_secs(tokens.expires_in)),
        extra: Value::Null,
    }
}

async fn error_of(response: reqwest::Response) -> String {
    response.json::<OAuthError>().await.unwrap_or_default().error
}

fn unreachable(error: reqwest::Error) -> Failure {
    // The address may hold what must not be logged.
    Failure::retry("Google could not be reached").caused_by(error.without_url())
}

fn refused(status: StatusCode, error: &str) -> Failure {
    match error {
        "invalid_grant" => Failure::reauth("Google no longer accepts our access to this account"),
        "invalid_client" | "unauthorized_client" | "redirect_uri_mismatch" => {
            Failure::bug(format!("Google does not accept this deployment's client ({error})"))
        }
        _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            Failure::retry(format!("Google could not renew our access now ({status})"))
        }
        _ => Failure::bug(format!("Google refused our request for access ({status} {error})")),
    }
}

#[cfg(test)]
mod tests {
    use domain::integration::ErrorClass;

    use super::*;

    #[test]
    fn who_has_to_act_depends_on_the_error() {
        let class = |status: u16, error| refused(StatusCode::from_u16(status).unwrap(), error).class;
        assert_eq!(class(400, "invalid_grant"), ErrorClass::Reauth);
        assert_eq!(class(401, "invalid_client"), ErrorClass::Bug);
        assert_eq!(class(400, "unsupported_grant_type"), ErrorClass::Bug);
        assert_eq!(class(503, ""), ErrorClass::Retry);
    }
}
