//! A user's account as a whole: what it used, a copy of it, its end.

mod archive;
pub(crate) mod erase;
pub mod events;
pub(crate) mod export;
pub(crate) mod usage;
