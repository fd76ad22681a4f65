//! The runner: what stands between a session's OpenCode and the relay.

pub mod gateway;
pub mod sandbox;
pub mod supervise;
