//! Our clients at the providers, and the exchange of a code.

use std::sync::OnceLock;

use axum::http::StatusCode;
use domain::IdentityProvider;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields,
    HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use web::config::{self, Missing};
use web::http;
use web::jwks::Jwks;
use web::secret::{Secret, SecretError};

use super::refusal::SigninError;

/// Where the providers are, and what signs us on to them.
pub(crate) struct Providers {
    pub(super) github_api_url: String,
    github_url: String,
    google_accounts_url: String,
    google_oauth_url: String,
    google_certs_url: String,
    google_keys: OnceLock<Jwks>,
    secret: Secret,
}

/// What Google sends beside its tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct IdToken {
    #[serde(default)]
    pub(super) id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

pub(super) type Tokens = StandardTokenResponse<IdToken, BasicTokenType>;

/// A client that knows no addresses yet.
type Unplaced = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Providers {
    /// From the variables that the template sets.
    pub(crate) fn from_env(secret: Secret) -> Result<Self, Missing> {
        let url = |name| config::required(name).map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self {
            github_api_url: url("GITHUB_API_URL")?,
            github_url: url("GITHUB_BASE_URL")?,
            google_accounts_url: url("GOOGLE_ACCOUNTS_URL")?,
            google_oauth_url: url("GOOGLE_OAUTH_URL")?,
            google_certs_url: url("GOOGLE_CERTS_URL")?,
            google_keys: OnceLock::new(),
            secret,
        })
    }

    /// What Google signs ID tokens with.
    pub(super) fn google_keys(&self) -> &Jwks {
        self.google_keys.get_or_init(|| Jwks::new(http::client().clone(), &self.google_certs_url))
    }

    /// Our id at a provider.
    pub(super) async fn client_id(&self, provider: IdentityProvider) -> Result<String, SigninError> {
        self.value(match provider {
            IdentityProvider::Github => "GITHUB_CLIENT_ID",
            IdentityProvider::Google => "GOOGLE_CLIENT_ID",
        })
        .await
    }

    async fn client_secret(&self, provider: IdentityProvider) -> Result<String, SigninError> {
        self.value(match provider {
            IdentityProvider::Github => "GITHUB_CLIENT_SECRET",
            IdentityProvider::Google => "GOOGLE_CLIENT_SECRET",
        })
        .await
    }

    async fn value(&self, name: &'static str) -> Result<String, SigninError> {
        match self.secret.value(name).await {
            Ok(value) => Ok(value.to_owned()),
            Err(SecretError::Absent(_)) => Err(SigninError::NotConfigured),
            Err(error) => Err(SigninError::Secret(error)),
        }
    }

    /// Our client at a provider, which sends the browser back to `redirect_uri`.
    pub(super) async fn client(&self, provider: IdentityProvider, redirect_uri: &str) -> Result<Client, SigninError> {
        let (authorize, token) = match provider {
            IdentityProvider::Github => (
                format!("{}/login/oauth/authorize", self.github_url),
                format!("{}/login/oauth/access_token", self.github_url),
            ),
            IdentityProvider::Google => {
                (format!("{}/o/oauth2/v2/auth", self.google_accounts_url), format!("{}/token", self.google_oauth_url))
            }
        };
        let wrong = |error: oauth2::url::ParseError| SigninError::Misconfigured(error.to_string());
        Ok(Unplaced::new(ClientId::new(self.client_id(provider).await?))
            .set_client_secret(ClientSecret::new(self.client_secret(provider).await?))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(authorize).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(token).map_err(wrong)?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(wrong)?))
    }

    /// The tokens for a code.
    pub(super) async fn exchange(&self, client: &Client, code: &str, verifier: &str) -> Result<Tokens, SigninError> {
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let sent = request.request_async(&send).await;
        sent.map_err(|error| match error {
            RequestTokenError::ServerResponse(told) => refused(told.error()),
            RequestTokenError::Request(error) => SigninError::ProviderFailed(error.without_url().to_string()),
            // The body may hold a token, so it is not told.
            RequestTokenError::Parse(error, _) => SigninError::ProviderFailed(error.to_string()),
            RequestTokenError::Other(told) => SigninError::ProviderFailed(told),
        })
    }
}

async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http::client().execute(request.try_into()?).await?;
    let (mut status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await?.to_vec();
    // GitHub tells errors with status 200.
    let error = serde_json::from_slice::<ErrorInside>(&body).is_ok_and(|body| body.error.is_some());
    if status.is_success() && error {
        status = StatusCode::BAD_REQUEST;
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

#[derive(Deserialize)]
struct ErrorInside {
    error: Option<String>,
}

/// What the token endpoint's word for it means.
fn refused(error: &BasicErrorResponseType) -> SigninError {
    match error.as_ref() {
        "bad_verification_code" | "invalid_grant" => SigninError::CodeRejected,
        code => SigninError::Misconfigured(code.to_owned()),
    }
}
