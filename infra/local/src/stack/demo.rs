//! The demo model, which answers when no key leads to a real one.

use std::path::Path;

use anyhow::{Context, Result};

use super::companion::Companion;
use crate::project::Home;

pub(super) struct DemoModel {
    url: String,
    _process: Companion,
}

impl DemoModel {
    /// Starts it on a free port, which its one line on stdout names.
    pub(super) async fn start(binaries: &Path, home: &Home) -> Result<Self> {
        let process = Companion::start(binaries, "demo-model", &["--port".into(), "0".into()], home).await?;
        let url = process.line.strip_prefix("listening on ");
        let url = url.context("the demo model did not say where it listens")?.to_owned();
        Ok(Self { url, _process: process })
    }

    /// As `MODEL_BASE_URL` wants it.
    pub(super) fn base_url(&self) -> String {
        format!("{}/v1", self.url)
    }
}
