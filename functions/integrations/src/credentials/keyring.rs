//! AES-256-GCM under the keys of the deployment.
//!
//! `ENCRYPTION_KEYS` holds `id:key,id:key`; the first one seals, all of them open.
//! `ENCRYPTION_KEY` alone is a keyring of one, and opens what was sealed before there
//! were several.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// The id of `ENCRYPTION_KEY`.
const SINGLE: &str = "single";

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("credentials are sealed with the key {0}, which is not among ENCRYPTION_KEYS")]
    UnknownKey(String),
    /// Another key, another place, or changed.
    #[error("credentials do not open")]
    Unopened,
    #[error("credentials do not have the form that they were sealed in")]
    Unreadable,
    #[error("the system gives no random numbers")]
    NoRandom,
}

pub(crate) struct Keyring(Vec<(String, LessSafeKey)>);

impl Keyring {
    /// From the deployment's secret; `None` without any key.
    pub(crate) fn new<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let several = value("ENCRYPTION_KEYS").unwrap_or_default();
        let several = several.split(',').filter_map(|entry| entry.trim().split_once(':'));
        let single = value("ENCRYPTION_KEY").map(|key| (SINGLE, key));
        let keys = several.chain(single).filter(|(id, key)| !id.is_empty() && !key.is_empty());
        let keys: Vec<_> = keys.map(|(id, key)| (id.to_owned(), derive(key))).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|(known, _)| known == id)
    }

    /// The id of the key that seals.
    pub(crate) fn first(&self) -> &str {
        self.0.first().map_or("", |(id, _)| id)
    }

    /// The key's id, and nonce and ciphertext in base64. It opens at `place` only.
    pub(crate) fn seal(&self, place: &str, mut plain: Vec<u8>) -> Result<(String, String), SealError> {
        let (id, key) = self.0.first().ok_or(SealError::Unopened)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(id, place), &mut plain)
            .map_err(|_| SealError::Unopened)?;
        let text = STANDARD.encode([nonce.as_slice(), &plain].concat());
        Ok((id.clone(), text))
    }

    pub(crate) fn open(&self, id: &str, sealed: &str, place: &str) -> Result<Vec<u8>, SealError> {
        let found = self.0.iter().find(|(known, _)| known == id);
        let (_, key) = found.ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let bytes = STANDARD.decode(sealed).map_err(|_| SealError::Unopened)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(SealError::Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Unopened)?;
        let mut sealed = sealed.to_vec();
        let plain = key.open_in_place(nonce, aad(id, place), &mut sealed).map_err(|_| SealError::Unopened)?;
        Ok(plain.to_vec())
    }
}

fn aad(id: &str, place: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("agent-ops/credentials/{id}/{place}").into_bytes())
}

/// A key of its own for this purpose, for what the operator gave also signs runners' tokens.
fn derive(key: &str) -> LessSafeKey {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let derived = hmac::sign(&secret, b"agent-ops/credentials");
    let unbound = UnboundKey::new(&AES_256_GCM, derived.as_ref()).expect("SHA-256 gives the 32 bytes that it takes");
    LessSafeKey::new(unbound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(several: &str, single: &str) -> Keyring {
        Keyring::new(|name| match name {
            "ENCRYPTION_KEYS" => Some(several),
            _ => Some(single),
        })
        .unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let keyring = keyring("", "key");
        let (id, sealed) = keyring.seal("usr_1/int_1", b"secret".to_vec()).unwrap();
        assert!(!sealed.contains("secret"));
        assert_eq!(keyring.open(&id, &sealed, "usr_1/int_1").unwrap(), b"secret");
        for (id, sealed, place) in [
            (id.as_str(), sealed.as_str(), "usr_2/int_1"),
            (id.as_str(), &sealed[4..], "usr_1/int_1"),
            (id.as_str(), "", "usr_1/int_1"),
            ("other", sealed.as_str(), "usr_1/int_1"),
        ] {
            assert!(keyring.open(id, sealed, place).is_err(), "{id} {place}");
        }
        let other = super::Keyring::new(|name| (name == "ENCRYPTION_KEY").then_some("other")).unwrap();
        assert!(other.open(&id, &sealed, "usr_1/int_1").is_err());
    }

    #[test]
    fn the_same_text_sealed_twice_looks_different() {
        let keyring = keyring("", "key");
        let seal = || keyring.seal("p", b"secret".to_vec()).unwrap().1;
        assert_ne!(seal(), seal());
    }

    #[test]
    fn a_new_key_seals_and_the_old_ones_still_open() {
        let (id, sealed) = keyring("", "old").seal("p", b"secret".to_vec()).unwrap();
        let both = keyring("b:new, a:other", "old");
        assert_eq!(both.open(&id, &sealed, "p").unwrap(), b"secret");
        assert_eq!(both.first(), "b");
        let (id, again) = both.seal("p", b"secret".to_vec()).unwrap();
        assert_eq!(id, "b");
        assert_eq!(keyring("b:new", "").open("b", &again, "p").unwrap(), b"secret");
    }

    #[test]
    fn without_a_key_there_is_no_keyring() {
        assert!(Keyring::new(|_| None).is_none());
        assert!(Keyring::new(|_| Some("")).is_none());
    }
}
