//! The keys that ID tokens and Pub/Sub pushes are signed with.
//!
//! They are known to everybody: whoever can reach this fake can sign in here as
//! anyone, key or not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Used in turn, under a new name each time.
const KEYS: [&[u8]; 3] = [include_bytes!("0.der"), include_bytes!("1.der"), include_bytes!("2.der")];

/// Which keys are in use.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// The number of the key that signs.
    signing: usize,
    /// The first of those that are published.
    oldest: usize,
}

impl Keys {
    /// The document that tokens are checked with.
    pub(crate) fn published(&self) -> Value {
        json!({ "keys": (self.oldest..=self.signing).map(public).collect::<Vec<_>>() })
    }

    /// A new key signs from now on; the older ones stay published only if `keep_old`.
    pub(crate) fn rotate(&mut self, keep_old: bool) {
        self.signing += 1;
        if !keep_old {
            self.oldest = self.signing;
        }
    }

    /// A JWT of these claims, RS256.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid(self.signing) });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let key = pair(self.signing);
        let mut signature = vec![0; key.public().modulus_len()];
        let done = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature);
        done.expect("the buffer is as long as the key");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn kid(number: usize) -> String {
    format!("fake-key-{number}")
}

fn pair(number: usize) -> KeyPair {
    KeyPair::from_pkcs8(KEYS[number % KEYS.len()]).expect("the file is a key")
}

fn public(number: usize) -> Value {
    let parts = PublicKeyComponents::<Vec<u8>>::from(pair(number).public_key());
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "kid": kid(number), "kty": "RSA", "alg": "RS256", "use": "sig", "n": text(&parts.n), "e": text(&parts.e),
    })
}
