//! Tokens that another party signed: RS256 by one of the keys that it publishes.
//!
//! Google's ID tokens and Pub/Sub pushes. Nothing else is accepted: the algorithm is
//! fixed, and a key is found by its id, never taken from the token.

use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Clocks differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Keys are kept this long when their publisher does not say, and at most.
const KEEP_DEFAULT: SignedDuration = SignedDuration::from_mins(10);
const KEEP_MAX: SignedDuration = SignedDuration::from_hours(24);
/// An unknown key id makes us look again, but not more often: anyone can make one up.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(10);
/// Time for the publisher to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a token; Google's have about 1,200.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// The keys that one party publishes.
pub struct Jwks {
    http: reqwest::Client,
    url: String,
    cached: Mutex<Option<Cached>>,
}

#[derive(Clone)]
struct Cached {
    keys: Vec<Key>,
    fetched_at: Timestamp,
    good_until: Timestamp,
}

#[derive(Clone, Deserialize)]
struct Key {
    kid: String,
    kty: String,
    n: String,
    e: String,
}

/// What a token must say besides being signed.
pub struct Expected<'a> {
    pub issuers: &'a [&'a str],
    pub audience: &'a str,
}

/// Why a token is not believed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the token has no form that we know")]
    Malformed,
    #[error("the token's key is not published")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Forged,
    #[error("the token is not valid at this time")]
    Expired,
    #[error("the token is of another issuer")]
    WrongIssuer,
    #[error("the token is for someone else")]
    WrongAudience,
    /// Not the token's fault: it may be believed later.
    #[error("the published keys could not be read")]
    Unavailable(#[source] reqwest::Error),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Checked {
    iss: String,
    aud: String,
    exp: i64,
    iat: Option<i64>,
}

impl Jwks {
    pub fn new(http: reqwest::Client, url: impl Into<String>) -> Self {
        Self { http, url: url.into(), cached: Mutex::default() }
    }

    /// The claims of a token that is signed, in time, and of and for whom it should be.
    pub async fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<C, TokenError> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let Header { alg, kid } = json(header)?;
        if alg != "RS256" {
            return Err(TokenError::Malformed);
        }
        let key = self.key(&kid, now).await?;
        let signed = &token[..header.len() + 1 + claims.len()];
        key.check(signed.as_bytes(), &bytes(signature)?)?;
        check(&json(claims)?, expected, now)?;
        json(claims)
    }

    async fn key(&self, kid: &str, now: Timestamp) -> Result<Key, TokenError> {
        let cached = self.cached.lock().expect("no one panics while holding it").clone();
        let find = |cached: &Cached| cached.keys.iter().find(|key| key.kid == kid && key.kty == "RSA").cloned();
        if let Some(cached) = cached.filter(|cached| now < cached.good_until) {
            match find(&cached) {
                Some(key) => return Ok(key),
                None if now < cached.fetched_at + LOOK_AGAIN => return Err(TokenError::UnknownKey),
                None => {}
            }
        }
        let fetched = self.fetch(now).await.map_err(TokenError::Unavailable)?;
        let key = find(&fetched);
        *self.cached.lock().expect("no one panics while holding it") = Some(fetched);
        key.ok_or(TokenError::UnknownKey)
    }

    async fn fetch(&self, now: Timestamp) -> Result<Cached, reqwest::Error> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Key>,
        }
        let response = self.http.get(&self.url).timeout(PATIENCE).send().await?.error_for_status()?;
        let cache_control = response.headers().get("cache-control").and_then(|value| value.to_str().ok());
        let keep = cache_control.and_then(max_age).unwrap_or(KEEP_DEFAULT).min(KEEP_MAX);
        let Document { keys } = response.json().await?;
        Ok(Cached { keys, fetched_at: now, good_until: now + keep })
    }
}

impl Key {
    fn check(&self, signed: &[u8], signature: &[u8]) -> Result<(), TokenError> {
        let key = RsaPublicKeyComponents { n: bytes(&self.n)?, e: bytes(&self.e)? };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).map_err(|_| TokenError::Forged)
    }
}

fn check(claims: &Checked, expected: &Expected<'_>, now: Timestamp) -> Result<(), TokenError> {
    let at = |second: i64| Timestamp::from_second(second).map_err(|_| TokenError::Malformed);
    if !expected.issuers.contains(&claims.iss.as_str()) {
        return Err(TokenError::WrongIssuer);
    }
    if claims.aud != expected.audience {
        return Err(TokenError::WrongAudience);
    }
    let issued = claims.iat.map(at).transpose()?;
    if at(claims.exp)? + SKEW <= now || issued.is_some_and(|issued| issued > now + SKEW) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

fn max_age(cache_control: &str) -> Option<SignedDuration> {
    let seconds = cache_control.split(',').find_map(|part| part.trim().strip_prefix("max-age="))?;
    seconds.parse().ok().map(SignedDuration::from_secs)
}

fn bytes(text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests;
