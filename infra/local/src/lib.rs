//! The local stack and the project's tool: `cargo local up`, `test`, `bench` …

pub mod aws;
pub mod fault;
pub mod lambda;
pub mod process;
pub mod rest;
pub mod template;
#[cfg(test)]
mod testing;
pub mod ui;
