//! Lambda: functions as their real bootstraps, each environment a process that
//! polls the Runtime API served here.
//!
//! It is strict where AWS is: one invocation per environment at a time, an idle
//! environment is frozen, one that runs too long is killed, and beyond the
//! limit callers are throttled. It never queues and never retries.

mod environment;
mod invoke_api;
mod log;
mod pool;
mod runtime_api;
mod slot;
mod stats;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::{Bytes, BytesMut};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

pub use invoke_api::router as invoke_router;
pub use stats::FunctionStats;

use crate::fault::Faults;
use crate::process;
use crate::template::Function;
use pool::Pool;
use slot::Slot;

/// Largest request, and largest answer that is not streamed.
pub const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// What functions are started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// From the template.
    pub functions: Vec<Function>,
    /// Folder of the binaries, `target/<profile>`.
    pub binaries: PathBuf,
    /// Folder for `<binary>.log`.
    pub logs: PathBuf,
    /// Variables that Lambda would add (region, credentials, endpoints).
    pub variables: BTreeMap<String, String>,
    /// Environments per function; beyond it callers are throttled.
    pub max_environments: usize,
    /// An environment unused for so long is ended.
    pub idle: Duration,
    /// Switches to hurt.
    pub faults: Faults,
}

impl Config {
    /// AWS's usual bounds, with nothing to hurt.
    pub fn new(functions: Vec<Function>, binaries: PathBuf, logs: PathBuf) -> Self {
        let (variables, faults) = (BTreeMap::new(), Faults::default());
        Self { functions, binaries, logs, variables, max_environments: 50, idle: Duration::from_secs(60), faults }
    }
}

/// Handle on every function; cloning it is cheap.
#[derive(Clone)]
pub struct Lambda(Arc<Inner>);

struct Inner {
    pools: BTreeMap<String, Arc<Pool>>,
    shared: Arc<Shared>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// What every environment needs of the whole.
struct Shared {
    address: SocketAddr,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    /// Process groups that are alive.
    leaders: Mutex<Vec<u32>>,
    stopped: AtomicBool,
}

/// What a function answered.
#[derive(Debug)]
pub enum Answer {
    /// All of it.
    Whole(Bytes),
    /// As it comes; an error breaks the stream off.
    Stream(mpsc::Receiver<Result<Bytes, FunctionError>>),
}

impl Answer {
    /// Waits for all of it, as a caller that does not stream does.
    pub async fn whole(self) -> Result<Bytes, InvokeError> {
        let mut chunks = match self {
            Self::Whole(bytes) => return Ok(bytes),
            Self::Stream(chunks) => chunks,
        };
        let mut all = BytesMut::new();
        while let Some(chunk) = chunks.recv().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.freeze())
    }
}

/// What a function, or the environment in its stead, reported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{error_type}: {error_message}")]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// `Runtime.ExitError`, or the function's own word.
    #[serde(default)]
    pub error_type: String,
    /// For people.
    #[serde(default)]
    pub error_message: String,
}

/// Why an invocation has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// No such function.
    #[error("there is no function {0}")]
    Unknown(String),
    /// Every environment is busy.
    #[error("rate exceeded")]
    Throttled,
    /// The request is larger than Lambda takes.
    #[error("the request is larger than {PAYLOAD_LIMIT} bytes")]
    TooLarge,
    /// The function failed, died or took too long.
    #[error(transparent)]
    Function(#[from] FunctionError),
}

impl Lambda {
    /// Checks that every binary is there and serves the Runtime API; starts no process yet.
    pub async fn start(config: Config) -> Result<Self> {
        for function in &config.functions {
            let path = config.binaries.join(&function.binary);
            if !path.is_file() {
                bail!("{}: its binary {} is missing; build it first", function.id, path.display());
            }
        }
        std::fs::create_dir_all(&config.logs).with_context(|| format!("cannot make {}", config.logs.display()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            slots: Mutex::default(),
            leaders: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let pools =
            config.functions.iter().map(|function| Ok((function.id.clone(), Pool::new(function, &config, &shared)?)));
        let pools: BTreeMap<_, _> = pools.collect::<Result<_>>()?;
        let serve = tokio::spawn(runtime_api::serve(listener, shared.clone()));
        let sweep = tokio::spawn(pool::sweep(pools.values().cloned().collect(), config.idle));
        let tasks = vec![AbortOnDropHandle::new(serve), AbortOnDropHandle::new(sweep)];
        Ok(Self(Arc::new(Inner { pools, shared, _tasks: tasks })))
    }

    /// Invokes a function and waits for its whole answer.
    pub async fn invoke(&self, function: &str, payload: Bytes) -> Result<Bytes, InvokeError> {
        self.open(function, payload).await?.whole().await
    }

    /// Invokes a function, by its logical id; the answer is handed over as it begins.
    ///
    /// The invocation runs in a task of its own: a caller that goes away leaks
    /// no environment, and the function goes on as it does on AWS.
    pub async fn open(&self, function: &str, payload: Bytes) -> Result<Answer, InvokeError> {
        let pool = self.0.pools.get(function).ok_or_else(|| InvokeError::Unknown(function.to_owned()))?;
        if payload.len() > PAYLOAD_LIMIT {
            return Err(InvokeError::TooLarge);
        }
        pool.invoke(payload).await
    }

    /// The logical id for a function's name, ARN or logical id.
    pub fn find(&self, name: &str) -> Option<&str> {
        let named = |(id, pool): (&'_ String, &Arc<Pool>)| {
            *id == name || pool.function.name == name || pool.function.arn == name
        };
        self.0.pools.iter().find(|(id, pool)| named((id, pool))).map(|(id, _)| id.as_str())
    }

    /// What each function has done since the start, by logical id.
    pub fn stats(&self) -> BTreeMap<String, FunctionStats> {
        self.0.pools.iter().map(|(id, pool)| (id.clone(), pool.stats())).collect()
    }

    /// Ends every environment; invocations fail from here on.
    pub fn stop(&self) {
        self.0.shared.stopped.store(true, Ordering::SeqCst);
        for leader in lock(&self.0.shared.leaders).iter() {
            // SIGKILL ends a frozen process too.
            process::signal_group(*leader, rustix::process::Signal::KILL);
        }
    }
}

/// A random version 4 UUID: the shape of AWS's request ids.
pub fn request_id() -> String {
    let bytes: [u8; 16] = rand::random();
    let digits = hex::encode(bytes);
    let variant = ["8", "9", "a", "b"][usize::from(bytes[8] & 3)];
    let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..]);
    format!("{a}-{b}-4{c}-{variant}{d}-{e}")
}

/// Locks a mutex whose holders do nothing that can panic midway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
