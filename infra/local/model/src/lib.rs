//! The demo model: a real HTTP server in OpenAI's dialect, with a script instead of a mind.
//!
//! It stands in for a provider when no key is set, and it is what tests and benchmarks steer:
//! directives in the last user message (see [`script`]) say what to answer. Without one it does
//! a small turn that uses tools. It never calls anyone and keeps nothing on disk.

mod answer;
mod demo;
mod perform;
mod request;
pub mod script;
mod server;
mod state;

pub use server::router;
