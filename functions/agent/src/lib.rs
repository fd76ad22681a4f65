//! The agent relay: takes prompts, keeps sessions' runners, orders their events
//! and delivers them to everyone who watches.
//!
//! Three thin binaries share it: `agent-http` (messages, SSE), `agent-socket`
//! (the WebSocket of viewers and runners) and `agent-events` (schedule, task and
//! bus events). Nothing here lives longer than a request.

pub mod append;
mod archive;
mod attachments;
mod connections;
pub mod control;
mod delivery;
mod deps;
mod error;
mod follow;
pub mod http;
mod measure;
pub mod queue;
mod revoked;
pub mod runner;
pub mod snapshot;
pub mod socket;
mod sockets;
pub mod submit;
pub mod sweep;
mod tasks;
mod transition;

pub use deps::Deps;
pub use error::AgentError;
