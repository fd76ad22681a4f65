//! The sidecar of a session's sandbox: drives OpenCode and reports to the product.
//!
//! One binary, two modes and a question. `relay` runs beside the agent: it dials out to the socket API,
//! holds the model keys, and turns what OpenCode does into the product's own events.
//! `supervise` runs in the agent's container and keeps OpenCode alive there. `health` asks in either
//! whether it does what it is for.

pub mod attachments;
mod clock;
pub mod config;
pub mod gateway;
pub mod health;
pub mod keep;
pub mod limits;
pub mod net;
pub mod opencode;
pub mod relay;
pub mod sandbox;
pub mod sidecar;
pub mod snapshot;
pub mod supervise;
pub mod translate;
pub mod turn;
