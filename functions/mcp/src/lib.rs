//! The MCP server: what agents may read and do of what their user has.
//!
//! Streamable HTTP without sessions: each request is whole, and each is answered with JSON,
//! so that any instance of the function can answer it. The protocol is `rmcp`'s; here are
//! the caller, the tools, and what every result says of where it comes from.

mod deps;
mod http;
mod result;
mod server;
mod tool;
mod tools;
mod visitor;

pub use deps::Deps;
pub use http::routes;
