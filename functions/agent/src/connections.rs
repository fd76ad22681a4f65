//! Whose socket a frame came from, remembered: the binding never changes while
//! the socket lives, so a warm function reads it once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use store::{Connection, Store};

use crate::AgentError;

/// More sockets than one function environment plausibly serves; dropped whole when full.
const ENTRIES_MAX: usize = 4096;

#[derive(Clone, Default)]
pub(crate) struct ConnectionCache(Arc<Mutex<HashMap<String, Connection>>>);

impl ConnectionCache {
    /// Whose socket this is; `None` when it is not known (any more).
    pub(crate) async fn get(&self, store: &Store, id: &str) -> Result<Option<Connection>, AgentError> {
        if let Some(known) = self.lock().get(id).cloned() {
            return Ok(Some(known));
        }
        let found = store.connection(id).await?;
        if let Some(connection) = &found {
            let mut entries = self.lock();
            if entries.len() >= ENTRIES_MAX {
                entries.clear();
            }
            entries.insert(id.to_owned(), connection.clone());
        }
        Ok(found)
    }

    pub(crate) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Connection>> {
        self.0.lock().expect("no thread panics while it holds the lock")
    }
}
