//! Stand-ins for GitHub and Google: real HTTP servers that speak the providers' protocols.
//!
//! They serve whoever has no account to try with, and the tests: what a provider may do to
//! us, these do on request (see [`control`]). They keep what they hold in a folder, so that a
//! connection made yesterday still works today. They call nobody but the product's webhooks.

mod clock;
pub mod control;
pub mod github;
pub mod google;
mod kept;
mod options;
mod server;
mod world;

pub use clock::Clock;
pub use kept::Kept;
pub use options::Options;
pub use server::{Fakes, listen};
pub use world::World;
