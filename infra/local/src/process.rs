//! Child processes that cannot outlive the stack: each leads a process group
//! of its own, and Linux signals it when the stack dies without a word.
//!
//! Spawn from async code only: Linux ties that signal to the spawning thread,
//! and the threads for blocking work end long before the stack does.

use std::io;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Command;

/// Makes the command's process lead its own group and receive `on_death` when the stack dies.
#[expect(unsafe_code, reason = "pre_exec is unsafe; the hook makes two system calls and no allocation")]
pub fn contain(command: &mut Command, on_death: Signal) {
    let stack = rustix::process::getpid();
    command.process_group(0);
    // SAFETY: only async-signal-safe system calls between fork and exec.
    unsafe {
        command.pre_exec(move || die_with(stack, on_death));
    }
}

#[cfg(target_os = "linux")]
fn die_with(stack: Pid, on_death: Signal) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(on_death))?;
    // The stack may have died between fork and the call above.
    if rustix::process::getppid() == Some(stack) { Ok(()) } else { Err(io::Error::from(io::ErrorKind::BrokenPipe)) }
}

#[cfg(not(target_os = "linux"))]
fn die_with(_stack: Pid, _on_death: Signal) -> io::Result<()> {
    Ok(())
}

/// Signals one process; one that is gone is no error.
pub fn signal(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Signals every process of the group that `leader` leads; a group that is gone is no error.
pub fn signal_group(leader: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        // The only failures are "gone" and "not ours", and neither leaves anything to do.
        let _ = kill_process_group(pid, signal);
    }
}

/// Kills every process whose environment holds `variable=value…`, and says how many there were.
///
/// This finds what left its group (a shell's background job) and what an
/// earlier stack left behind. Needs `/proc`; elsewhere it finds nothing.
pub fn kill_marked(variable: &str, value: &str) -> usize {
    let marker = format!("{variable}={value}");
    let marked = processes().filter(|pid| carries(*pid, marker.as_bytes()));
    marked.filter(|pid| kill_process(*pid, Signal::KILL).is_ok()).count()
}

fn processes() -> impl Iterator<Item = Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

fn carries(pid: Pid, marker: &[u8]) -> bool {
    // A process that ended meanwhile, or another user's, cannot be read: not ours.
    let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(marker))
}
