//! `cargo local`: what it can do is in `commands`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match local::commands::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            local::ui::note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
