//! What was used of the roles, on file: a line at the first use of each grant.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Denied;
use crate::template::Grant;

/// One grant of one role that was used, or one call that none of its grants allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Used {
    /// Logical id of the function.
    pub role: String,
    /// `dynamodb:GetItem`
    pub action: String,
    /// As the template has it; of a refused call, what it was about.
    pub resource: String,
    /// Whether the call was refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub denied: bool,
}

pub(super) struct Record(Mutex<State>);

struct State {
    file: File,
    told: BTreeSet<Used>,
}

impl Record {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(Mutex::new(State { file, told: BTreeSet::new() })))
    }

    pub(super) fn used(&self, role: &str, grant: &Grant) {
        let (action, resource) = (grant.action.clone(), grant.resource.clone());
        self.tell(Used { role: role.to_owned(), action, resource, denied: false });
    }

    pub(super) fn denied(&self, denied: &Denied) {
        let Denied { caller, action, resource } = denied;
        self.tell(Used { role: caller.clone(), action: action.clone(), resource: resource.clone(), denied: true });
    }

    fn tell(&self, used: Used) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.told.contains(&used) {
            return;
        }
        let line = serde_json::to_string(&used).unwrap_or_default() + "\n";
        // One write, so that the lines of two stacks never mix.
        if let Err(error) = state.file.write_all(line.as_bytes()) {
            tracing::error!(%error, "cannot record the use of a role");
        }
        state.told.insert(used);
    }
}

/// What the stacks that wrote to this file used.
pub fn read(path: &Path) -> Result<BTreeSet<Used>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
