//! The providers' fakes, as a process of the test's own, and an engine that keeps what is synced.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use domain::entity::{Change, Draft};
use domain::integration::{Account, Config};
use jiff::Timestamp;
use serde_json::Value;

use crate::providers::{Call, Credentials, Failure, Provider, Resource, Settings};

/// GitHub and Google, until the value is dropped.
pub(crate) struct Fakes {
    process: Child,
    pub(crate) url: String,
    /// What leads a provider here.
    pub(crate) settings: Settings,
    http: reqwest::Client,
}

impl Fakes {
    /// Starts them with seeded data, and with settings on top of the fakes' own.
    pub(crate) async fn start(more: &[(&str, &str)]) -> Self {
        let program = tokio::task::spawn_blocking(program).await.expect("the fakes are built");
        let mut process = Command::new(program).stdout(Stdio::piped()).spawn().expect("the fakes start");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the fakes say where they are");
        let told: Value = serde_json::from_str(&line).expect("the fakes speak JSON");
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = told["url"].as_str().expect("a URL").to_owned();
        let mut values = values(&told);
        values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { process, url, settings: Settings::new(http.clone(), values), http }
    }

    /// Does something to them, under `/control`.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}/control{path}", self.url));
        let answer = request.json(&body).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Follows an address as a browser does whose user agrees to everything; the query of
    /// where it is sent back to.
    pub(crate) async fn agree(&self, authorize_url: &str, more: &str) -> BTreeMap<String, String> {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let answer = http.expect("a client").get(format!("{authorize_url}&auto=allow{more}")).send().await;
        let answer = answer.expect("an answer");
        let location = answer.headers().get("location").expect("a way back").to_str().expect("text").to_owned();
        serde_urlencoded::from_str(location.split_once('?').expect("a query").1).expect("a query")
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The fakes' secret values, and their parameters by the names of the functions' variables.
fn values(told: &Value) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for provider in told["providers"].as_object().expect("providers").values() {
        for (name, value) in provider["settings"].as_object().expect("settings") {
            values.insert(name.clone(), value.as_str().expect("a text").to_owned());
        }
        for (name, value) in provider["parameters"].as_object().expect("parameters") {
            values.insert(variable(name), value.as_str().expect("a text").to_owned());
        }
    }
    values
}

/// `GithubApiUrl` → `GITHUB_API_URL`, as the template has it.
fn variable(parameter: &str) -> String {
    let mut name = String::new();
    for letter in parameter.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// The fakes' binary, built if need be: beside this test's.
fn program() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["build", "--quiet", "--workspace", "--bin", "fakes"])
            .status();
        assert!(built.expect("cargo runs").success(), "the fakes do not build");
        let test = std::env::current_exe().expect("a test has a file");
        test.ancestors().nth(2).expect("target/debug/deps").join("fakes")
    };
    BUILT.get_or_init(build).clone()
}

/// What is stored of a resource, after the engine's rules in their simplest form.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) state: Option<Value>,
    pub(crate) entities: BTreeMap<(String, String), (Draft, u64)>,
    generation: u64,
    full: bool,
    /// What the last run cost, in units and pages.
    pub(crate) units: u32,
    pub(crate) pages: u32,
}

/// On whose behalf a provider is called.
pub(crate) struct Caller {
    pub(crate) credentials: Credentials,
    pub(crate) account: Account,
    pub(crate) scopes: Vec<String>,
    pub(crate) config: Config,
}

impl Caller {
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            account: &self.account,
            scopes: &self.scopes,
            config: &self.config,
            webhook_url: "http://localhost/webhooks",
            now: Timestamp::now(),
        }
    }
}

impl Stored {
    /// One page; whether it was the last of the run.
    pub(crate) async fn page(
        &mut self,
        provider: &dyn Provider,
        caller: &Caller,
        resource: &Resource,
    ) -> Result<bool, Failure> {
        if self.state.is_none() && !self.full {
            self.generation += 1;
            self.full = true;
        }
        let page = provider.sync_page(&caller.call(), resource, self.state.as_ref()).await?;
        page.changes.into_iter().for_each(|change| self.apply(change));
        self.state = Some(page.state);
        self.units += page.units;
        self.pages += 1;
        if page.done && std::mem::take(&mut self.full) {
            let generation = self.generation;
            self.entities.retain(|_, (_, seen)| *seen == generation);
        }
        Ok(page.done)
    }

    /// A whole run.
    pub(crate) async fn sync(
        &mut self,
        provider: &dyn Provider,
        caller: &Caller,
        resource: &Resource,
    ) -> Result<(), Failure> {
        (self.units, self.pages) = (0, 0);
        while !self.page(provider, caller, resource).await? {
            assert!(self.pages < 1_000, "the run does not end");
        }
        Ok(())
    }

    fn apply(&mut self, change: Change) {
        let key = (change.kind().to_string(), change.external_id().to_owned());
        match change {
            Change::Upsert(draft) => {
                let newer = self.entities.get(&key).is_none_or(|(known, _)| known.version <= draft.version);
                if newer {
                    self.entities.insert(key, (*draft, self.generation));
                }
            }
            Change::Delete(deletion) => {
                if self.entities.get(&key).is_some_and(|(known, _)| known.version <= deletion.version) {
                    self.entities.remove(&key);
                }
            }
            Change::Patch(patch) => {
                let Some((known, _)) = self.entities.get_mut(&key) else { return };
                if let Some(labels) = patch.labels {
                    known.labels = labels;
                }
                known.labels.retain(|label| !patch.labels_removed.contains(label));
                known.labels.extend(patch.labels_added);
                known.state = patch.state.or(known.state.take());
                known.version = patch.version;
            }
        }
    }
}
