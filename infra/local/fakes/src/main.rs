//! `fakes [--port N] [--state FOLDER] [--product URL]`: serves on 127.0.0.1. Its one line on stdout
//! is JSON: where, and what leads the product there. It saves and ends on SIGTERM.

use std::io::{self, Write};

use anyhow::Result;
use fakes::{Fakes, Options, listen};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let mut ended = signal(SignalKind::terminate())?;
    let listener = listen(&options).await?;
    let fakes = Fakes::open(&options, listener.local_addr()?)?;
    writeln!(io::stdout(), "{}", fakes.introduction())?;
    tokio::select! {
        served = fakes.serve(listener) => served?,
        _ = ended.recv() => {}
    }
    fakes.save()
}
