//! A provider's data: in memory, and in a file if there is a folder for it.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Data that outlives the process.
#[derive(Debug)]
pub struct Kept<T> {
    data: Mutex<T>,
    file: Option<PathBuf>,
    changed: AtomicBool,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// The data of the last time, or `first` if there was none.
    pub fn open(file: Option<PathBuf>, first: impl FnOnce() -> T) -> Result<Self> {
        let data = match &file {
            Some(file) if file.is_file() => {
                let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("{} is of another version; delete it", file.display()))?
            }
            _ => first(),
        };
        Ok(Self { data: Mutex::new(data), file, changed: AtomicBool::new(true) })
    }

    /// Looks at the data.
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the data; it is saved soon.
    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        self.changed.store(true, Ordering::Relaxed);
        change(&mut self.lock())
    }

    /// The data as it is, held until dropped.
    pub(crate) fn look(&self) -> impl Deref<Target = T> {
        self.lock()
    }

    /// The data, to be changed and held until dropped; it is saved soon.
    pub(crate) fn edit(&self) -> impl DerefMut<Target = T> {
        self.changed.store(true, Ordering::Relaxed);
        self.lock()
    }

    /// Writes what changed since the last time, whole or not at all.
    pub fn save(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if !self.changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let text = self.read(serde_json::to_vec)?;
        let beside = file.with_extension("new");
        fs::write(&beside, text).with_context(|| format!("cannot write {}", beside.display()))?;
        Ok(fs::rename(beside, file)?)
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.data.lock().expect("no one panics while holding it")
    }
}
