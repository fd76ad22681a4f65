//! End-to-end tests: the real functions, the real runner, the real OpenCode, on
//! the local stack. `cargo local test` builds what they run.
//!
//! A test's name is the promise that it checks. Most share one stack; those that
//! stop or disturb it have their own.

mod account;
mod acting;
mod admin;
mod audit;
mod bounds;
mod disturbances;
mod faults;
mod files;
mod git;
mod integrations;
mod intruder;
mod lifecycle;
mod losses;
mod main_job;
mod mcp;
mod model;
mod observability;
mod outputs;
mod paging;
mod questions;
mod queue;
mod refusals;
mod scopes;
mod signin;
mod snapshots;
mod stop;
mod surface;
mod sync;
mod tenants;
mod tokens;
mod turns;
mod viewers;
mod volume;
mod workspace;
