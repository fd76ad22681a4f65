//! What the user reads: progress on stderr, results on stdout.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

/// Writes a line to stdout; a closed pipe is nobody's fault.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes a line to stderr.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Reports a finished step with the time it took.
pub fn step(name: &str, detail: &str, took: Duration) {
    note(format_args!("  {name:<12} {detail}  ({})", seconds(took)));
}

/// Milliseconds while they say something, else seconds.
pub fn seconds(took: Duration) -> String {
    match took.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        ms => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
    }
}
