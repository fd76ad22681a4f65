//! What else this machine is doing, and what processes take of it.

use std::fs;

/// Processors and load, so that a reader can weigh the figures.
pub(crate) fn describe() -> String {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = load.split(' ').take(3).collect();
    format!("{processors} processors, load {}", averages.join(" "))
}

/// Resident memory of a process in MB, 0 when it is gone.
pub(crate) fn resident_mb(pid: u32) -> f64 {
    status_kb(pid, "VmRSS:") / 1024.0
}

/// Memory of a process in MB where a page that several share counts once in all, 0 when it is gone.
pub(crate) fn proportional_mb(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    field_kb(&rollup, "Pss:") / 1024.0
}

/// Processor time of a process's threads in milliseconds, 0 when it is gone.
pub(crate) fn cpu_ms(pid: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        // Nanoseconds on a processor come first (the kernel's sched-stats.txt).
        let spent = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        spent.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e6
}

fn status_kb(pid: u32, field: &str) -> f64 {
    field_kb(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(), field)
}

fn field_kb(text: &str, field: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}

/// All variables that a process was started with.
pub(crate) fn environment(pid: u32) -> Vec<(String, String)> {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let entries = environment.split(|byte| *byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok());
    entries.filter_map(|entry| entry.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
