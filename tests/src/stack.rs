//! A local stack as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::home::Home;
use crate::processes::{self, Process};
use crate::{Api, PATIENCE, Seed};

/// Sandboxes at once: each is a real OpenCode of half a gigabyte.
static SANDBOXES: Semaphore = Semaphore::const_new(3);

static SHARED: OnceCell<Stack> = OnceCell::const_new();

/// Bounds that are no test's subject but of those that set them: all tests call as
/// one user, as fast as they can.
const LOOSE: [(&str, &str); 4] = [
    ("REQUESTS_PER_MINUTE", "10000000"),
    ("TOKEN_REQUESTS_PER_MINUTE", "10000000"),
    ("MESSAGES_PER_HOUR", "1000000"),
    ("SANDBOXES_AT_ONCE", "100"),
];

/// What stands for the operator's signature where the stack's AWS services want one: they look at
/// the access key alone.
const OPERATOR: &str = "Credential=local/";

/// How a stack is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keeps the table in memory instead of on file.
    pub memory: bool,
    /// Settings as `.env` would have them. Without one that leads to a model the
    /// demo model answers.
    pub settings: Vec<(String, String)>,
    /// Variables of the stack's own process.
    pub variables: Vec<(String, String)>,
}

/// What the stack says of itself once it answers.
#[derive(Deserialize)]
struct Told {
    origin: String,
    token: String,
    aws: std::collections::BTreeMap<String, String>,
    fakes: Option<String>,
}

/// A running stack. It ends with the value, or with the test's process.
pub struct Stack {
    told: Told,
    options: Options,
    home: Home,
    child: Child,
    /// The stack stops when this closes.
    stdin: Option<ChildStdin>,
}

impl Stack {
    /// The stack that most tests share, started by the first that asks.
    pub async fn shared() -> &'static Self {
        let started = SHARED.get_or_try_init(Self::start).await;
        started.expect("the shared stack starts: `cargo local test` builds and installs what it needs")
    }

    /// A stack of the caller's own with a new home and the demo model.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// A stack of the caller's own.
    pub async fn start_with(options: Options) -> Result<Self> {
        Self::start_on(Home::create()?, options).await
    }

    async fn start_on(home: Home, options: Options) -> Result<Self> {
        let mut child = command(home.path(), &options)?.spawn().context("cannot start the stack")?;
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().context("stdout is a pipe")?);
        let mut stderr = child.stderr.take().context("stderr is a pipe")?;
        // Reads to the end of both, so that the stack never waits for a reader.
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            drop(stderr.read_to_string(&mut text));
            text
        });
        let first = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            drop(stdout.read_line(&mut line));
            std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
            line
        });
        let line = tokio::time::timeout(PATIENCE, first).await.context("the stack did not start in time")??;
        let Ok(told) = serde_json::from_str(&line) else {
            drop(child.kill());
            drop(child.wait());
            bail!("the stack did not start: {}", errors.join().unwrap_or_default());
        };
        Ok(Self { told, options, home, child, stdin })
    }

    /// Stops the stack and starts it again on the same home.
    pub async fn restart(mut self) -> Result<Self> {
        self.stop().await?;
        let home = std::mem::replace(&mut self.home, Home::create()?);
        Self::start_on(home, self.options.clone()).await
    }

    /// The same with more settings, which go before those of before.
    pub async fn restart_with(mut self, settings: &[(&str, &str)]) -> Result<Self> {
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.options.settings.extend(more);
        self.restart().await
    }

    /// Stops the stack by closing its stdin, and waits for its end.
    pub async fn stop(&mut self) -> Result<()> {
        self.stdin = None;
        self.ended().await
    }

    /// Sends the stack a signal, such as `INT`, as a terminal does on Ctrl-C.
    pub fn signal(&self, name: &str) -> Result<()> {
        processes::signal(self.child.id(), name)
    }

    /// Waits until the stack has ended by itself, which must be without an error.
    pub async fn ended(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the stack ended with {status}");
                return Ok(());
            }
            ensure!(tokio::time::Instant::now() < deadline, "the stack did not end in time");
            processes::pause().await;
        }
    }

    /// `http://127.0.0.1:…`
    pub fn origin(&self) -> &str {
        &self.told.origin
    }

    /// The API as the seeded user.
    pub fn api(&self) -> Api {
        Api::new(&self.told.origin, Some(&self.told.token))
    }

    /// The API without a token.
    pub fn stranger(&self) -> Api {
        Api::new(&self.told.origin, None)
    }

    /// Writes to the stack's table what no route writes.
    pub async fn seed(&self) -> Result<Seed> {
        Seed::open(&self.told.aws).await
    }

    /// A variable that leads an AWS SDK to the emulated services.
    pub fn aws(&self, name: &str) -> Option<&str> {
        self.told.aws.get(name).map(String::as_str)
    }

    /// GitHub's and Google's fakes, as tests steer them (`/control/…`).
    pub fn fakes(&self) -> Api {
        let url = self.told.fakes.as_deref();
        Api::new(url.expect("a stack without the providers' clients plays them"), None)
    }

    /// The stack's state on disk.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Whether the bucket holds anything whose name begins with `owner`.
    pub fn holds_objects_of(&self, owner: &str) -> Result<bool> {
        let buckets = std::fs::read_dir(self.home.path().join("s3"))?.flatten();
        let mut folders: Vec<PathBuf> = buckets.map(|bucket| bucket.path().join(owner)).collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    _ => return Ok(true),
                }
            }
        }
        Ok(false)
    }

    /// Keeps its state and logs when it ends; where they are.
    pub fn keep(&mut self) -> PathBuf {
        self.home.keep();
        self.home.path().to_owned()
    }

    /// The stack's process and everything that it started, now.
    pub fn processes(&self) -> Result<Vec<Process>> {
        processes::family(self.child.id(), self.home.path())
    }

    /// What happened so far, in the units that AWS bills (`GET /_local/stats`).
    pub async fn stats(&self) -> Result<Value> {
        Ok(self.stranger().get("/_local/stats").await?.body)
    }

    /// Invokes a function by its logical id, as the schedule or an operator does; its answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.services()?.post(&path, event).await?;
        ensure!(!answer.headers.contains_key("x-amz-function-error"), "{function} failed: {}", answer.text);
        answer.expect(200)
    }

    /// How many letters a queue of the template holds, those that are being worked on included.
    pub async fn dead_letters(&self, queue: &str) -> Result<u64> {
        let services = self.services()?;
        let asked = json!({ "QueueUrl": format!("agent-ops-{queue}"), "AttributeNames": ["All"] });
        let request = services.request(reqwest::Method::POST, "/").json(&asked);
        let request = request.header("x-amz-target", "AmazonSQS.GetQueueAttributes");
        let attributes = services.answer(request).await?.expect(200)?["Attributes"].take();
        let count = |name: &str| attributes[name].as_str().and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
        Ok(count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesNotVisible"))
    }

    /// The emulated services that speak JSON, as their operator.
    pub(crate) fn services(&self) -> Result<Api> {
        Ok(Api::new(self.aws("AWS_ENDPOINT_URL").context("the stack names no services")?, Some(OPERATOR)))
    }

    /// Sets the switches to hurt (`POST /_local/fault`); `{}` switches all off.
    pub async fn fault(&self, order: Value) -> Result<()> {
        let answer = self.stranger().post("/_local/fault", &order).await?;
        ensure!(answer.status == 204, "the switches were not set: {answer:?}");
        Ok(())
    }

    /// Waits for a place for one more sandbox.
    pub(crate) async fn place(&self) -> SemaphorePermit<'static> {
        SANDBOXES.acquire().await.expect("the semaphore is never closed")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.stdin = None;
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(home: &Path, options: &Options) -> Result<Command> {
    let folder = binaries()?;
    let release = folder.ends_with("release");
    let mut command = Command::new(program(&folder)?);
    // The project is found from the working folder.
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("stack").arg("--home").arg(home);
    if release {
        command.arg("--release");
    }
    if options.memory {
        command.arg("--memory");
    }
    let settings = LOOSE.iter().map(|(name, value)| (*name, *value));
    for (name, value) in settings.chain(options.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    command.envs(options.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// Where cargo put this executable, and with it the binaries under test.
fn binaries() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = this.parent().context("an executable is in a folder")?;
    Ok(if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder }.to_owned())
}

fn program(folder: &Path) -> Result<PathBuf> {
    for name in [
        "sessions",
        "files",
        "mcp",
        "files-sweep",
        "agent-http",
        "agent-socket",
        "agent-events",
        "account-events",
        "integrations-http",
        "integrations-sync",
        "runner",
        "demo-model",
    ] {
        let missing = "is not built: tests build nothing themselves, run `cargo local test`";
        ensure!(folder.join(name).is_file(), "{} {missing}", folder.join(name).display());
    }
    driver_in(folder)
}

/// The program behind `cargo local`.
pub fn driver() -> Result<PathBuf> {
    driver_in(&binaries()?)
}

fn driver_in(folder: &Path) -> Result<PathBuf> {
    // A benchmark's stack may be driven by the quick build of the driver.
    let driver = [folder.join("local"), folder.with_file_name("debug").join("local")].into_iter().find(|p| p.is_file());
    driver.context("`local` is not built: run `cargo local test`")
}
