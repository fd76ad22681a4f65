//! The environments of one function: the one used last is used first.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::process::Command;
use tokio::sync::oneshot;

use super::environment::Environment;
use super::log::Log;
use super::slot::{Current, Work};
use super::stats::{Counts, FunctionStats, count, peak_rss_kb};
use super::{Answer, Config, FunctionError, InvokeError, Shared, lock, request_id};
use crate::fault::{Faults, Kill};
use crate::template::Function;

/// Looking at `/proc` costs more than the rest of a check-in: every 64th is enough.
const MEMORY_SAMPLE: u64 = 64;

pub(super) struct Pool {
    pub(super) function: Function,
    binary: PathBuf,
    variables: Vec<(String, String)>,
    limit: usize,
    faults: Faults,
    shared: Arc<Shared>,
    log: Log,
    counts: Arc<Counts>,
    names: AtomicU64,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    idle: Vec<(Environment, Instant)>,
    /// Idle and busy.
    live: usize,
}

impl Pool {
    pub(super) fn new(function: &Function, config: &Config, shared: &Arc<Shared>) -> Result<Arc<Self>> {
        let own = function.environment.iter().chain(&config.variables);
        let variables = own.map(|(name, value)| (name.clone(), value.clone())).chain(platform(function));
        Ok(Arc::new(Self {
            function: function.clone(),
            binary: config.binaries.join(&function.binary),
            variables: variables.collect(),
            limit: config.max_environments,
            faults: config.faults.clone(),
            shared: shared.clone(),
            log: Log::create(&config.logs.join(format!("{}.log", function.binary)))?,
            counts: Arc::default(),
            names: AtomicU64::new(1),
            places: Mutex::default(),
        }))
    }

    pub(super) async fn invoke(self: &Arc<Self>, payload: Bytes) -> Result<Answer, InvokeError> {
        count(&self.counts.invocations);
        let environment = self.check_out()?;
        let (reply, answer) = oneshot::channel();
        tokio::spawn(self.clone().drive(environment, payload, reply));
        // The driver answers in every case but its own abort, when the stack stops.
        answer.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    pub(super) fn stats(&self) -> FunctionStats {
        let places = lock(&self.places);
        for (environment, _) in &places.idle {
            self.look_at_memory(environment.leader());
        }
        self.counts.read(self.function.memory_mb, places.live)
    }

    /// Ends what has been idle for longer than `idle`.
    fn reap(&self, idle: Duration) {
        let mut places = lock(&self.places);
        let before = places.idle.len();
        places.idle.retain(|(_, since)| since.elapsed() < idle);
        places.live -= before - places.idle.len();
    }

    fn check_out(&self) -> Result<Environment, InvokeError> {
        if self.shared.stopped.load(Ordering::SeqCst) {
            return Err(stopped().into());
        }
        if let Some(warm) = self.take_place()? {
            return Ok(warm);
        }
        let cold = self.start();
        if cold.is_err() {
            lock(&self.places).live -= 1;
        }
        Ok(cold?)
    }

    /// A warm environment, or a free place for a new one.
    fn take_place(&self) -> Result<Option<Environment>, InvokeError> {
        let mut places = lock(&self.places);
        while let Some((mut environment, _)) = places.idle.pop() {
            if environment.alive() {
                return Ok(Some(environment));
            }
            places.live -= 1;
        }
        if places.live >= self.limit {
            count(&self.counts.throttles);
            return Err(InvokeError::Throttled);
        }
        places.live += 1;
        Ok(None)
    }

    fn start(&self) -> Result<Environment, FunctionError> {
        count(&self.counts.cold_starts);
        let name = format!("{}-{}", self.function.binary, self.names.fetch_add(1, Ordering::Relaxed));
        let arn = &self.function.arn;
        let started =
            self.command().and_then(|command| Environment::start(name, arn, command, &self.counts, &self.shared));
        started.map_err(|error| {
            let error_message = format!("cannot start {}: {error}", self.binary.display());
            FunctionError { error_type: "Runtime.InvalidEntrypoint".into(), error_message }
        })
    }

    fn command(&self) -> std::io::Result<Command> {
        let mut command = Command::new(&self.binary);
        // Nothing of the developer's shell: what the function needs, the template says.
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdout(self.log.stdio()?).stderr(self.log.stdio()?);
        Ok(command)
    }

    /// Sees one invocation through; only this task owns the environment meanwhile.
    async fn drive(
        self: Arc<Self>,
        mut environment: Environment,
        payload: Bytes,
        reply: oneshot::Sender<Result<Answer, InvokeError>>,
    ) {
        let kill = self.faults.next_kill(&self.function.id);
        let work = self.work(payload);
        let doomed = kill == Some(Kill::BeforeResponse);
        environment.slot().begin(Current { id: work.id.clone(), reply, doomed });
        match self.attempt(&mut environment, work, kill).await {
            Ok(()) => self.check_in(environment),
            Err(error) => self.discard(environment, error),
        }
    }

    async fn attempt(
        &self,
        environment: &mut Environment,
        work: Work,
        kill: Option<Kill>,
    ) -> Result<(), FunctionError> {
        let delay = kill.and_then(|kill| if let Kill::After(delay) = kill { Some(delay) } else { None });
        let init = environment.initialised().await?;
        let began = Instant::now();
        let ran = environment.run(work, self.function.timeout, delay).await;
        self.counts.bill(init, ran.as_ref().map_or_else(|_| began.elapsed(), |duration| *duration));
        ran.map(drop)
    }

    fn work(&self, payload: Bytes) -> Work {
        let now = Timestamp::now();
        let limit_ms = i64::try_from(self.function.timeout.as_millis()).unwrap_or(i64::MAX);
        let trace: [u8; 12] = rand::random();
        Work {
            id: request_id(),
            payload,
            deadline_ms: now.as_millisecond().saturating_add(limit_ms),
            trace: format!("Root=1-{:08x}-{};Sampled=0", now.as_second(), hex::encode(trace)),
        }
    }

    fn check_in(&self, environment: Environment) {
        environment.freeze();
        self.log.bound();
        if self.counts.invocations.load(Ordering::Relaxed) % MEMORY_SAMPLE == 1 {
            self.look_at_memory(environment.leader());
        }
        lock(&self.places).idle.push((environment, Instant::now()));
    }

    fn discard(&self, environment: Environment, error: FunctionError) {
        self.look_at_memory(environment.leader());
        self.log.note(&format!("{{\"platform\":\"{}\",\"error\":{:?}}}", self.function.name, error.to_string()));
        environment.slot().fail(error);
        drop(environment);
        lock(&self.places).live -= 1;
    }

    fn look_at_memory(&self, pid: u32) {
        let Some(peak) = peak_rss_kb(pid) else { return };
        let before = self.counts.max_rss_kb.fetch_max(peak, Ordering::Relaxed);
        let limit = u64::from(self.function.memory_mb) * 1024;
        if peak > limit && before <= limit {
            tracing::warn!(
                function = self.function.name,
                peak_kb = peak,
                limit_kb = limit,
                "a function outgrew its memory"
            );
        }
    }
}

/// Ends idle environments by and by.
pub(super) async fn sweep(pools: Vec<Arc<Pool>>, idle: Duration) {
    let mut tick = tokio::time::interval(idle / 2);
    loop {
        tick.tick().await;
        pools.iter().for_each(|pool| pool.reap(idle));
    }
}

/// The variables that Lambda sets in every function.
fn platform(function: &Function) -> Vec<(String, String)> {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        set("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        // By this the services know whose role allows a call (`aws::access`).
        set("AWS_ACCESS_KEY_ID", &function.id),
        set("AWS_SESSION_TOKEN", "local"),
        set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
        set("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
        set("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        set("AWS_LAMBDA_LOG_FORMAT", &function.log_format),
        set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        set("_HANDLER", "bootstrap"),
        set("TZ", ":UTC"),
        set("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ]
}

fn stopped() -> FunctionError {
    FunctionError { error_type: "Runtime.Stopped".into(), error_message: "the stack is stopping".into() }
}
