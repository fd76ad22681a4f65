//! Checksums as text: `sha256:<64 hex digits>` or `crc64nvme:<16 hex digits>`.
//!
//! Content that comes with a request is checked against SHA-256. Content that
//! comes in parts never passes a function, and the one checksum of a whole that S3
//! computes over parts and compares at the end is CRC-64/NVME.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Checksum {
    Sha256([u8; 32]),
    /// Big-endian, as S3 wants it.
    Crc64Nvme([u8; 8]),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a checksum reads sha256:<64 hex digits> or crc64nvme:<16 hex digits>")]
pub struct InvalidChecksum;

impl Checksum {
    pub fn sha256_of(content: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(content).into())
    }
}

impl FromStr for Checksum {
    type Err = InvalidChecksum;

    fn from_str(text: &str) -> Result<Self, InvalidChecksum> {
        fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], InvalidChecksum> {
            let mut bytes = [0; N];
            hex::decode_to_slice(digits, &mut bytes).map_err(|_| InvalidChecksum)?;
            Ok(bytes)
        }
        match text.split_once(':') {
            Some(("sha256", digits)) => bytes(digits).map(Self::Sha256),
            Some(("crc64nvme", digits)) => bytes(digits).map(Self::Crc64Nvme),
            _ => Err(InvalidChecksum),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(bytes) => write!(f, "sha256:{}", hex::encode(bytes)),
            Self::Crc64Nvme(bytes) => write!(f, "crc64nvme:{}", hex::encode(bytes)),
        }
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.to_string()
    }
}

impl TryFrom<String> for Checksum {
    type Error = InvalidChecksum;

    fn try_from(text: String) -> Result<Self, InvalidChecksum> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_reads_back_as_it_was() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Checksum::sha256_of(b"").to_string(), empty);
        for text in [empty, "crc64nvme:ae8b14860a799888"] {
            assert_eq!(text.parse::<Checksum>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_checksum_does_not_parse() {
        for text in ["", "sha256:", "sha256:00", "crc64nvme:ae8b14860a79988", "md5:00", "ae8b14860a799888"] {
            assert_eq!(text.parse::<Checksum>(), Err(InvalidChecksum), "{text}");
        }
    }
}
