//! What was done to a session and what came of it, to be told when something is wrong.

use std::time::Instant;

use crate::Record;

/// Lines of a story; the beginning of a long one is left out.
const LINES_MAX: usize = 80;

#[derive(Debug)]
pub(super) struct Story {
    began: Instant,
    lines: Vec<String>,
}

impl Story {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), lines: Vec::new() }
    }

    pub(super) fn tell(&mut self, what: impl std::fmt::Display) {
        self.lines.push(format!("{:8.2} s  {what}", self.began.elapsed().as_secs_f64()));
    }

    /// The last of it.
    pub(super) fn told(&self) -> String {
        let left_out = self.lines.len().saturating_sub(LINES_MAX);
        let beginning = if left_out > 0 { format!("  ({left_out} lines before)\n") } else { String::new() };
        format!("{beginning}  {}", self.lines[left_out..].join("\n  "))
    }
}

/// Events by turn, runs of one type told as one.
pub(super) fn outline(record: &Record) -> String {
    let mut lines: Vec<(String, u64, u64)> = Vec::new();
    for seen in &record.0 {
        let detail = match seen.name.as_str() {
            "runner.updated" => seen.value["state"].as_str().unwrap_or_default(),
            "session.updated" => seen.value["status"].as_str().unwrap_or_default(),
            "turn.failed" => seen.value["error"]["code"].as_str().unwrap_or_default(),
            _ => "",
        };
        let turn = seen.turn().map_or(String::new(), |turn| format!("t{turn} "));
        let name = format!("{turn}{} {detail}", seen.name);
        match lines.last_mut() {
            Some((last, _, to)) if *last == name => *to = seen.seq,
            _ => lines.push((name, seen.seq, seen.seq)),
        }
    }
    let left_out = lines.len().saturating_sub(LINES_MAX);
    let told = lines[left_out..].iter().map(|(name, from, to)| match from == to {
        true => format!("{from} {}", name.trim_end()),
        false => format!("{from}-{to} {}", name.trim_end()),
    });
    told.collect::<Vec<_>>().join(" | ")
}
