//! The local stack and the project's tool: `cargo local up`, `test`, `bench` …
//!
//! `commands` is what a user types, `stack` composes what runs, and the other
//! modules are its parts: one per AWS service, gateway or task.

pub mod aws;
pub mod browser;
pub mod build;
pub mod commands;
pub mod control;
pub mod fault;
pub mod lambda;
pub mod licences;
pub mod process;
pub mod project;
pub mod python;
pub mod rest;
pub mod settings;
pub mod signed;
pub mod socket;
pub mod stack;
pub mod steps;
pub mod template;
#[cfg(test)]
mod testing;
pub mod tools;
pub mod ui;
