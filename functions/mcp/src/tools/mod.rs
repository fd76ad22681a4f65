//! The tools, a file for each thing that they are about.

mod actions;
mod entities;
mod files;
mod sessions;

use domain::limits::{MCP_PAGE_DEFAULT, MCP_PAGE_MAX};

use crate::tool::{Failed, Spec};

/// Every tool, in the order in which they are listed.
pub(crate) static TOOLS: &[&Spec] = &[
    &entities::SEARCH,
    &entities::READ,
    &files::LIST,
    &files::READ,
    &files::WRITE,
    &sessions::LIST,
    &actions::COMMENT,
    &actions::OPEN_PULL_REQUEST,
    &actions::SEND_MAIL,
    &actions::CREATE_EVENT,
];

/// The page's size.
fn limit(asked: Option<u32>) -> Result<u32, Failed> {
    match asked.unwrap_or(MCP_PAGE_DEFAULT) {
        limit @ 1..=MCP_PAGE_MAX => Ok(limit),
        _ => Err(Failed::Arguments(format!("limit: a number from 1 to {MCP_PAGE_MAX}"))),
    }
}
