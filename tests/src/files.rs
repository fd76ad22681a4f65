//! Large files of a test: made part by part, never whole in memory.

use anyhow::{Context, Result, ensure};
use crc_fast::{CrcAlgorithm, Digest};
use reqwest::Client;
use serde_json::{Value, json};

use crate::Api;

/// Content that can be had from any offset: nothing repeats in it.
#[derive(Debug, Clone, Copy)]
pub struct LargeFile {
    /// Bytes.
    pub size: u64,
    /// Makes one file's content differ from another's.
    pub seed: u64,
}

impl LargeFile {
    /// Bytes from `offset` on; it and `length` are multiples of 8, or reach the end.
    pub fn bytes(&self, offset: u64, length: u64) -> Vec<u8> {
        let words = offset / 8..(offset + length).div_ceil(8);
        // splitmix64
        let word = |n: u64| {
            let mut z = n.wrapping_add(self.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)).to_le_bytes()
        };
        let mut bytes: Vec<u8> = words.flat_map(word).collect();
        bytes.truncate(usize::try_from(length).expect("a part fits into memory"));
        bytes
    }

    /// As the API wants it.
    pub fn checksum(&self) -> String {
        let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
        let step = 1024 * 1024;
        let mut offset = 0;
        while offset < self.size {
            digest.update(&self.bytes(offset, step.min(self.size - offset)));
            offset += step;
        }
        format!("crc64nvme:{:016x}", digest.finalize())
    }

    /// Begins its upload; the pending file.
    pub async fn begin(&self, api: &Api, name: &str) -> Result<Value> {
        let body = json!({ "name": name, "size": self.size, "checksum": self.checksum(), "content_type": "video/mp4" });
        api.post("/api/files", &body).await?.expect(201)
    }

    /// Puts the parts that are not there yet; how many those were.
    pub async fn put_missing(&self, api: &Api, id: &str) -> Result<usize> {
        let mut cursor = String::new();
        let mut put = 0;
        loop {
            let page = api.get(&format!("/api/files/{id}/parts?limit=3{cursor}")).await?.expect(200)?;
            for part in page["parts"].as_array().context("a page has parts")? {
                if part["stored"] == false {
                    let number = |name: &str| part[name].as_u64().context("a number");
                    put_part(part, self.bytes(number("offset")?, number("size")?)).await?;
                    put += 1;
                }
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(put),
            }
        }
    }
}

/// Puts the bytes of a part where the API says, without any token.
pub async fn put_part(part: &Value, bytes: Vec<u8>) -> Result<()> {
    let url = part["url"].as_str().context("a part has an address")?;
    let answer = Client::builder().no_proxy().build()?.put(url).body(bytes).send().await?;
    let status = answer.status();
    ensure!(status.is_success(), "the part was not taken: {status} {}", answer.text().await?);
    Ok(())
}
