//! Where things are: the project, and the folder that holds the local state.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The port of the local origin unless `PORT` says otherwise.
pub const DEFAULT_PORT: u16 = 8787;

/// The checked-out project.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Finds the project that the current folder is part of, by its template.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder is gone")?;
        let root = here.ancestors().find(|folder| folder.join("template.yaml").is_file());
        let root = root.context("no template.yaml here or above; run this inside the project")?;
        Ok(Self { root: root.to_owned() })
    }

    /// A file or folder of the project.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds with this profile.
    pub fn binaries(&self, profile: Profile) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from);
        target.join(profile.folder())
    }

    /// What is installed for the stack and the tests: kept by `reset`, shared by every home.
    pub fn tools(&self) -> PathBuf {
        self.path(".local/tools")
    }

    /// The state's folder: `AGENT_OPS_HOME`, or `.local`.
    pub fn home(&self) -> Home {
        Home::at(&std::env::var_os("AGENT_OPS_HOME").map_or_else(|| self.path(".local"), PathBuf::from))
    }
}

/// How cargo builds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
}

impl Profile {
    /// The profile that a `--release` flag asks for.
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// The folder that holds the state of one local stack.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// The home in this folder, which need not exist yet.
    pub fn at(folder: &Path) -> Self {
        // Processes of the stack have working folders of their own.
        Self { folder: std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()) }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file or folder of the state.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    /// Takes the home for this process; `None` if another one has it.
    ///
    /// The system gives it back when the process ends, however it ends.
    pub fn lock(&self) -> Result<Option<Lock>> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot create {}", self.folder.display()))?;
        let path = self.path("lock");
        let mut file = File::options().create(true).write(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        Ok(Some(Lock { _file: file }))
    }

    /// Takes the home, or says that a stack runs on it.
    pub fn take(&self) -> Result<Lock> {
        match self.lock()? {
            Some(lock) => Ok(lock),
            None => bail!(
                "a local stack already runs on {} (process {}); stop it first, or set AGENT_OPS_HOME and PORT for a second one",
                self.folder.display(),
                fs::read_to_string(self.path("lock")).unwrap_or_default()
            ),
        }
    }
}

/// Held while a stack uses its home.
pub struct Lock {
    _file: File,
}

/// Listens on the origin's port; 0 takes a free one.
pub fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener =
        listener.with_context(|| format!("port {port} is taken; set PORT to another one: PORT=8788 cargo local up"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_home_has_one_stack_at_a_time() {
        let folder = testing::folder("home-lock");
        let home = Home::at(folder.path());
        let lock = home.take().unwrap();
        assert!(home.lock().unwrap().is_none());
        drop(lock);
        assert!(home.lock().unwrap().is_some());
    }

    #[test]
    fn a_taken_port_is_told_with_the_way_out() {
        let taken = listen(0).unwrap();
        let error = listen(taken.local_addr().unwrap().port()).unwrap_err();
        assert!(error.to_string().contains("set PORT"), "{error}");
    }
}
