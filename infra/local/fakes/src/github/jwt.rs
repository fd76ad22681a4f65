//! The JWT by which the App says who it is: RS256, ten minutes at most.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use super::{APP_ID, APP_KEY, CLIENT_ID};

/// Seconds that a JWT may be good for.
const LIFE_SECONDS_MAX: i64 = 600;
/// Seconds by which clocks may differ.
const SKEW_SECONDS: i64 = 60;

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: Issuer,
}

/// The App's id as a number or a text, or its client id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Issuer {
    Number(u64),
    Text(String),
}

/// Whether the App made this, now; else GitHub's words for what is wrong.
pub(super) fn verify(jwt: &str, now_s: i64) -> Result<(), &'static str> {
    const UNREADABLE: &str = "A JSON web token could not be decoded";
    let (signed, signature) = jwt.rsplit_once('.').ok_or(UNREADABLE)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| UNREADABLE)?;
    let key = key().ok_or(UNREADABLE)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key())
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| UNREADABLE)?;
    let claims =
        signed.split_once('.').and_then(|(_, claims)| URL_SAFE_NO_PAD.decode(claims).ok()).ok_or(UNREADABLE)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| UNREADABLE)?;
    let is_app = match claims.iss {
        Issuer::Number(id) => id == APP_ID,
        Issuer::Text(text) => text == CLIENT_ID || text == APP_ID.to_string(),
    };
    match () {
        () if !is_app => Err("Integration not found"),
        () if claims.iat > now_s + SKEW_SECONDS => {
            Err("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
        }
        () if claims.exp <= now_s => Err(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        ),
        () if claims.exp > now_s + LIFE_SECONDS_MAX + SKEW_SECONDS => {
            Err("'Expiration time' claim ('exp') is too far in the future")
        }
        () => Ok(()),
    }
}

fn key() -> Option<KeyPair> {
    let base64: String = APP_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    KeyPair::from_der(&STANDARD.decode(base64).ok()?).ok()
}
