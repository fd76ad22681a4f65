//! `cargo local audit`: whether an exported audit log is whole and unchanged.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use domain::audit::{AuditRecord, ChainHead};

use crate::ui;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// JSON Lines as `GET /api/audit/export` gives them; standard input when absent.
    file: Option<PathBuf>,
    /// The end that the chain must have, as SEQ:HASH, so that one that was cut off is noticed.
    #[arg(long, value_name = "SEQ:HASH", value_parser = head)]
    head: Option<ChainHead>,
}

fn head(text: &str) -> Result<ChainHead, String> {
    let wanted = "SEQ:HASH is wanted";
    let (seq, hash) = text.split_once(':').ok_or(wanted)?;
    Ok(ChainHead { seq: seq.parse().map_err(|_| wanted)?, hash: hash.to_owned() })
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let end = match &arguments.file {
        Some(file) => {
            let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
            verify(BufReader::new(opened))
        }
        None => verify(std::io::stdin().lock()),
    }?;
    if let Some(head) = arguments.head.as_ref().filter(|head| **head != end) {
        bail!("the chain ends at {}:{}, not at {}:{}", end.seq, end.hash, head.seq, head.hash);
    }
    ui::say(format_args!("{} records, unbroken, up to {}:{}", end.seq, end.seq, end.hash));
    Ok(())
}

/// Goes through the chain from its beginning; its end.
fn verify(lines: impl BufRead) -> Result<ChainHead> {
    let mut head = ChainHead::default();
    for (number, line) in lines.lines().enumerate() {
        let record: AuditRecord =
            serde_json::from_str(&line?).with_context(|| format!("line {} is not a record", number + 1))?;
        head.verify(&record).with_context(|| format!("line {}", number + 1))?;
    }
    Ok(head)
}
