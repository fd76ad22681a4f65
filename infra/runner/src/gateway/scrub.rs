//! Takes the key out of whatever comes back, should a provider or a proxy ever quote it.

use bytes::Bytes;

use super::ApiKey;

const PLACEHOLDER: &[u8] = b"[redacted]";
/// A shorter key is no secret, and taking it out would damage text that only looks like it.
const KEY_BYTES_MIN: usize = 8;

/// Removes one key from bytes.
#[derive(Clone)]
pub(super) struct Scrub {
    key: Option<Bytes>,
}

impl Scrub {
    pub(super) fn new(key: Option<&ApiKey>) -> Self {
        let key = key.map(|key| Bytes::from(key.0.clone())).filter(|key| key.len() >= KEY_BYTES_MIN);
        Self { key }
    }

    /// `bytes` without the key; they must be whole, as a key cut in two is not seen.
    pub(super) fn clean(&self, bytes: Bytes) -> Bytes {
        let Some(key) = &self.key else { return bytes };
        let Some(mut at) = find(&bytes, key) else { return bytes };
        let (mut clean, mut rest) = (Vec::with_capacity(bytes.len()), &bytes[..]);
        loop {
            clean.extend_from_slice(&rest[..at]);
            clean.extend_from_slice(PLACEHOLDER);
            rest = &rest[at + key.len()..];
            match find(rest, key) {
                Some(next) => at = next,
                None => break,
            }
        }
        clean.extend_from_slice(rest);
        clean.into()
    }

    /// Whether the key is in `bytes`.
    pub(super) fn finds(&self, bytes: &[u8]) -> bool {
        self.key.as_ref().is_some_and(|key| find(bytes, key).is_some())
    }
}

fn find(bytes: &[u8], key: &[u8]) -> Option<usize> {
    bytes.windows(key.len()).position(|window| window == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_of_the_key_goes() {
        let scrub = Scrub::new(ApiKey::new("sk-12345678").as_ref());
        let clean = scrub.clean(Bytes::from_static(b"sk-12345678 and 'sk-12345678', sk-1234567"));
        assert_eq!(clean, b"[redacted] and '[redacted]', sk-1234567"[..]);
    }

    #[test]
    fn a_key_that_is_no_secret_does_not_damage_text() {
        let scrub = Scrub::new(ApiKey::new("x").as_ref());
        assert_eq!(scrub.clean(Bytes::from_static(b"next")), b"next"[..]);
    }
}
