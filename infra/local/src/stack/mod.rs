//! The stack, composed: services, functions, gateways, schedules.
//!
//! It starts from the inside out, so that nothing is called before it answers,
//! and stops from the outside in.

mod companion;
mod demo;
mod fakes;
mod health;
mod logs;
mod origin;
mod seed;
mod services;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use crate::aws::access::Access;
use crate::aws::events::{Bus, Invoke};
use crate::aws::{ACCOUNT, REGION, ecs::Ecs, sqs::Sqs};
use crate::fault::Faults;
use crate::lambda::{Config, Lambda};
use crate::project::{Home, Lock};
use crate::settings::{Answering, Settings};
use crate::template::{Deployment, Template};
use crate::tools::Tools;
use demo::DemoModel;
use fakes::Fakes;
pub use seed::TOKEN;
use services::{Listeners, Services};

/// What a stack is made from.
pub struct Options {
    /// Where its state is kept.
    pub home: Home,
    /// Proof that no other stack uses the home.
    pub lock: Lock,
    /// Where the origin answers.
    pub listener: TcpListener,
    /// Whether the table lives in memory, for benchmarks, rather than on file.
    pub in_memory: bool,
    /// `template.yaml`.
    pub template: PathBuf,
    /// Folder of the built binaries.
    pub binaries: PathBuf,
    /// The built client.
    pub client: PathBuf,
    /// Where the use of the functions' roles is recorded.
    pub access_record: PathBuf,
    /// The user's settings.
    pub settings: Settings,
    /// OpenCode and what it needs.
    pub tools: Tools,
}

/// A running stack. Everything stops with it; `stop` does so gracefully.
pub struct Stack {
    /// `http://127.0.0.1:8787`
    pub origin: String,
    /// The variables that lead an AWS SDK to the emulated services.
    pub variables: BTreeMap<String, String>,
    /// Where the fakes of GitHub and Google answer, if there are any.
    pub fakes_url: Option<String>,
    address: SocketAddr,
    ecs: Ecs,
    bus: Bus,
    lambda: Lambda,
    schedules: Vec<AbortOnDropHandle<()>>,
    fakes: Option<Fakes>,
    _demo: Option<DemoModel>,
    _listeners: Vec<AbortOnDropHandle<()>>,
    _lock: Lock,
}

impl Stack {
    /// Starts everything, and returns when requests are answered.
    pub async fn start(mut options: Options) -> Result<Self> {
        logs::prepare(&options.home)?;
        let origin = options.listener.local_addr()?;
        let demo = match options.settings.answering() {
            Answering::Demo => Some(DemoModel::start(&options.binaries, &options.home).await?),
            Answering::Model(_) => None,
        };
        let fakes = Fakes::start(&options.binaries, &options.home, origin, &options.settings).await?;
        let listeners = Listeners::bind()?;
        let deployment = deployment(origin, &options.settings, demo.as_ref());
        let mut deployment = Deployment { buckets: listeners.buckets()?, ..deployment };
        if let Some(fakes) = &fakes {
            options.settings = fakes.fill(options.settings);
            deployment = fakes.lead(deployment);
        }
        let template = Template::load(&options.template, &deployment)?;

        let variables = listeners.variables()?;
        let faults = Faults::default();
        let lambda = start_functions(&template, &options, &variables, &faults).await?;
        let bus = Bus::new(&template.buses, &template.rules, invoke_with(lambda.clone()), faults.clone())?;
        let queues = Sqs::new(&template.queues);
        let bus = bus.with_dead_letters(queues.clone(), dead_letters(&template));
        let access = Access::new(&template, &options.access_record)?;
        let services = Services::open(&template, &options, bus.clone(), queues, access.clone(), faults.clone())?;
        let (ecs, units) = (services.ecs.clone(), services.units());
        let mut listeners = services.serve(listeners, lambda.clone())?;
        seed::seed(&template, &variables).await.context("cannot put the first user into the table")?;

        let origin_app = origin::router(&template, &lambda, &options.client, units, access, faults);
        listeners.push(origin::serve(options.listener, origin_app)?);
        let schedules = template.schedules.iter().map(|schedule| spawn(bus.clone().follow(schedule.clone()))).collect();
        ecs.settle();
        Ok(Self {
            origin: format!("http://{origin}"),
            address: origin,
            variables,
            fakes_url: fakes.as_ref().map(|fakes| fakes.url().to_owned()),
            ecs,
            bus,
            lambda,
            schedules,
            fakes,
            _demo: demo,
            _listeners: listeners,
            _lock: options.lock,
        })
    }

    /// Fails with the reason if requests are not answered.
    pub async fn check_health(&self) -> Result<()> {
        health::check(self.address).await
    }

    /// Stops tasks while the API still answers them, then the functions, then the rest.
    pub async fn stop(self) {
        drop(self.schedules);
        self.ecs.shut_down().await;
        self.bus.drain().await;
        self.lambda.stop();
        if let Some(fakes) = self.fakes {
            fakes.stop().await;
        }
    }
}

/// Settings that are parameters of the template under another name.
const BOUNDS: [(&str, &str); 11] = [
    ("IDLE_STOP_SECONDS", "IdleStopSeconds"),
    ("ANSWER_SECONDS", "AnswerSeconds"),
    ("REQUESTS_PER_MINUTE", "RequestsPerMinute"),
    ("TOKEN_REQUESTS_PER_MINUTE", "TokenRequestsPerMinute"),
    ("MESSAGES_PER_HOUR", "MessagesPerHour"),
    ("SANDBOXES_AT_ONCE", "SandboxesAtOnce"),
    ("STORAGE_GIB", "StorageGib"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "OtlpEndpoint"),
    ("ERASURE_SETTLE_SECONDS", "ErasureSettleSeconds"),
    ("CORS_ORIGIN", "CorsOrigin"),
    ("PUBLIC_URL", "PublicUrl"),
];

fn deployment(origin: SocketAddr, settings: &Settings, demo: Option<&DemoModel>) -> Deployment {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let (base_url, model) = match demo {
        Some(demo) => (demo.base_url(), "demo"),
        None => {
            let given = |name| settings.get(name).unwrap_or_default();
            (given("MODEL_BASE_URL").to_owned(), given("MODEL_NAME"))
        }
    };
    // With the demo model a default of the user's would lead nowhere.
    let default = settings.get("DEFAULT_MODEL").filter(|_| demo.is_none()).unwrap_or_default();
    let deployment = Deployment { account: ACCOUNT.into(), region: REGION.into(), ..Deployment::at(origin) }
        .with("Environment", settings.get("ENVIRONMENT").unwrap_or("development"))
        .with("PublicUrl", &format!("http://{origin}"))
        .with("Architecture", architecture)
        .with("ModelBaseUrl", &base_url)
        .with("ModelName", model)
        .with("DefaultModel", default);
    // What the settings do not name has the template's default.
    BOUNDS.iter().fold(deployment, |deployment, (name, parameter)| match settings.get(name) {
        Some(bound) => deployment.with(parameter, bound),
        None => deployment,
    })
}

async fn start_functions(
    template: &Template,
    options: &Options,
    variables: &BTreeMap<String, String>,
    faults: &Faults,
) -> Result<Lambda> {
    let functions = template.functions.values().cloned().collect();
    let mut config = Config::new(functions, options.binaries.clone(), options.home.path("logs"));
    config.variables = variables.clone();
    config.faults = faults.clone();
    Lambda::start(config).await
}

/// The queue of each function that has one, by name.
fn dead_letters(template: &Template) -> BTreeMap<String, String> {
    let named = |arn: &str| arn.rsplit(':').next().unwrap_or(arn).to_owned();
    let functions = template.functions.values();
    functions.filter_map(|function| Some((function.id.clone(), named(function.dead_letters.as_ref()?)))).collect()
}

/// How the bus and the schedules reach a function.
fn invoke_with(lambda: Lambda) -> Invoke {
    Arc::new(move |function: String, event: Value| {
        let lambda = lambda.clone();
        Box::pin(async move {
            let answer = lambda.invoke(&function, Bytes::from(event.to_string())).await;
            answer.map(drop).map_err(|error| error.to_string())
        })
    })
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(task))
}
