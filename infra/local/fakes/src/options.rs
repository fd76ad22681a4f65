//! What the fakes are told at their start.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port to listen on; 0 takes the last one of this state again, or a free one.
    pub port: u16,
    /// Where the state is kept; none: in memory alone.
    pub state: Option<PathBuf>,
    /// The product's origin, which webhooks go to and sign-ins come back to.
    pub product: Option<String>,
}

impl Options {
    /// Reads `--port`, `--state` and `--product`.
    pub fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(name) = args.next() {
            let value = args.next().with_context(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--port" => options.port = value.parse().context("--port wants a number; 0 takes a free port")?,
                "--state" => options.state = Some(value.into()),
                "--product" => options.product = Some(value.trim_end_matches('/').to_owned()),
                _ => bail!("usage: fakes [--port N] [--state FOLDER] [--product URL]"),
            }
        }
        Ok(options)
    }
}
