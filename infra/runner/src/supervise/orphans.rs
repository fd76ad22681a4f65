//! Processes that the agent's tools leave behind.
//!
//! OpenCode starts each tool in a session of its own, so killing OpenCode's group does not reach
//! them: when it dies they run on. On Linux the supervisor adopts them (in a container it is
//! process 1 and does so anyway), ends them when OpenCode dies, and takes in those that end by
//! themselves. Other systems have no adoption; there only what OpenCode itself ends is ended.

use rustix::process::Pid;

#[cfg(target_os = "linux")]
pub(super) use linux::{adopt, end_all, reap};

#[cfg(not(target_os = "linux"))]
pub(super) fn adopt() {}
#[cfg(not(target_os = "linux"))]
pub(super) fn reap(_except: Pid) {}
#[cfg(not(target_os = "linux"))]
pub(super) async fn end_all() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::time::Duration;

    use rustix::process::{self, Signal, WaitOptions};
    use tokio::time::sleep;
    use tracing::warn;

    use super::Pid;

    /// A killed process is gone after milliseconds, unless it hangs in the kernel.
    const ROUND: Duration = Duration::from_millis(5);
    const ROUNDS_MAX: u32 = 400;

    /// Makes this process the parent of all that its descendants leave behind.
    pub(in crate::supervise) fn adopt() {
        if let Err(error) = process::set_child_subreaper(Some(process::getpid())) {
            warn!(%error, "processes left behind can't be adopted");
        }
    }

    /// Takes in children that have ended, but for `except`, whose end someone awaits.
    pub(in crate::supervise) fn reap(except: Pid) {
        let ended = children().into_iter().filter(|child| child.is_zombie && child.pid != except);
        ended.for_each(|child| take_in(child.pid));
    }

    /// Ends every child and waits until none is left. Their own children come to us in turn.
    pub(in crate::supervise) async fn end_all() {
        for _ in 0..ROUNDS_MAX {
            let children = children();
            if children.is_empty() {
                return;
            }
            children.iter().for_each(Child::end);
            sleep(ROUND).await;
        }
        warn!("some processes of the agent do not end");
    }

    struct Child {
        pid: Pid,
        group: Option<Pid>,
        is_zombie: bool,
    }

    impl Child {
        fn end(&self) {
            if self.is_zombie {
                return take_in(self.pid);
            }
            // Its group holds its own children; but a child in our group must not end us.
            let group = self.group.filter(|group| *group != process::getpgrp());
            let _already_gone = match group {
                Some(group) => process::kill_process_group(group, Signal::KILL),
                None => process::kill_process(self.pid, Signal::KILL),
            };
        }
    }

    fn take_in(pid: Pid) {
        let _not_ours_or_alive = process::waitpid(Some(pid), WaitOptions::NOHANG);
    }

    fn children() -> Vec<Child> {
        let own = process::getpid().as_raw_nonzero().get();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.filter_map(|pid| child(pid, own)).collect()
    }

    /// Reads `/proc/<pid>/stat`: the name may hold anything, so fields count from its last `)`.
    fn child(pid: i32, parent: i32) -> Option<Child> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_zombie = fields.next()? == "Z";
        if fields.next()?.parse() != Ok(parent) {
            return None;
        }
        let group = fields.next()?.parse().ok().and_then(Pid::from_raw);
        Some(Child { pid: Pid::from_raw(pid)?, group, is_zombie })
    }
}
