//! IAM: each function calls as itself, and may do what its role in the template
//! allows and nothing else.
//!
//! A function's access key is its logical id. The record of what was used, and of
//! what was refused, tells after a test run whether a role allows too much.

mod guard;
mod needs;
mod record;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

pub(super) use guard::signer;
pub use guard::{connections, dynamodb, json, s3};
use record::Record;
pub use record::{Used, read as read_record};

use super::{ACCOUNT, REGION};
use crate::template::{Role, Template};

/// The access key of the developer, the tests and the stack itself, who may do everything.
pub const OPERATOR: &str = "local";

/// The roles of the template and the record of their use; cloning is cheap.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    roles: BTreeMap<String, Role>,
    /// The roles that are handed on when a task of this family is run.
    passed: BTreeMap<String, Vec<String>>,
    /// Id of the socket API.
    socket: String,
    record: Record,
}

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    action: String,
    resource: String,
}

/// Why a call is refused.
#[derive(Debug, thiserror::Error)]
#[error(
    "{caller} is not authorized to perform: {action} on resource: {resource} because its role in template.yaml does not allow it"
)]
struct Denied {
    caller: String,
    action: String,
    resource: String,
}

impl Access {
    /// The template's roles; what is used of them is told line by line to this file.
    pub fn new(template: &Template, record: &Path) -> Result<Self> {
        let passed = template.task_definitions.iter().map(|task| (task.family.clone(), task.roles.clone()));
        Ok(Self(Arc::new(Inner {
            roles: template.roles.clone(),
            passed: passed.collect(),
            socket: template.socket.id.clone(),
            record: Record::open(record)?,
        })))
    }

    /// Whether the caller may do all of it.
    fn check(&self, caller: &str, needs: impl IntoIterator<Item = Need>) -> Result<(), Denied> {
        if caller == OPERATOR {
            return Ok(());
        }
        needs.into_iter().try_for_each(|need| self.check_one(caller, need))
    }

    fn check_one(&self, caller: &str, need: Need) -> Result<(), Denied> {
        let role = self.0.roles.get(caller);
        if let Some(grant) = role.and_then(|role| role.grant(&need.action, &need.resource)) {
            self.0.record.used(caller, grant);
            return Ok(());
        }
        let denied = Denied { caller: caller.to_owned(), action: need.action, resource: need.resource };
        tracing::error!("{denied}");
        self.0.record.denied(&denied);
        Err(denied)
    }
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}
