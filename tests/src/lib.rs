//! End-to-end tests of the real binaries: the harness.
//!
//! It starts a stack as a process, talks to it as clients do (HTTP, Server-Sent
//! Events, WebSocket), and looks at the processes and files that it makes. It
//! links nothing of what it tests but the store, and that only to seed what no
//! route makes.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use tests::{Session, Stack};
//!
//! let stack = Stack::shared().await;
//! let session = Session::create(stack).await?;
//! let turn = session.run("[[text n=5]]").await?;
//! assert!(turn.completed());
//! # Ok(())
//! # }
//! ```

mod account;
mod api;
mod browser;
pub mod faults;
mod files;
mod home;
mod integration;
mod processes;
mod record;
mod seed;
mod session;
mod snapshots;
mod socket;
mod sse;
mod stack;
mod task;

pub use account::{Account, Service, listed};
pub use api::{Answer, Api};
pub use browser::{Browser, Person, location};
pub use files::{LargeFile, put_part};
pub use integration::Integration;
pub use processes::{Process, pause, wait_until_gone};
pub use record::{Parts, Record, Seen, assert_numbered};
pub use seed::Seed;
pub use session::Session;
pub use snapshots::Snapshots;
pub use socket::{SocketRefused, SocketViewer};
pub use sse::SseViewer;
pub use stack::{Options, Stack, driver};
pub use task::Task;

use std::time::Duration;

/// How long anything may take before it counts as broken. A turn begins with a
/// real OpenCode, which needs seconds of a CPU that other tests want as well.
pub const PATIENCE: Duration = Duration::from_secs(90);
