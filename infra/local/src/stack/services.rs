//! The AWS services of the stack, each behind its listener.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::serve::ListenerExt;
use tokio_util::task::AbortOnDropHandle;

use super::{Options, spawn};
use crate::aws::dynamodb::{DynamoDb, Units};
use crate::aws::ecs::{Ecs, Host};
use crate::aws::events::Bus;
use crate::aws::s3::S3;
use crate::aws::secrets::Secrets;
use crate::aws::sqs::Sqs;
use crate::aws::{REGION, json};
use crate::fault::Faults;
use crate::lambda::{Lambda, invoke_router};
use crate::template::Template;

/// Access key and secret key of everything local.
const CREDENTIAL: &str = "local";

/// How often expired items are deleted; DynamoDB takes its time, too.
const SWEEP_PERIOD: Duration = Duration::from_secs(60);

/// Bound first, because the functions are told the addresses before the services that need functions exist.
pub(super) struct Listeners {
    dynamodb: TcpListener,
    s3: TcpListener,
    json: TcpListener,
}

impl Listeners {
    pub(super) fn bind() -> Result<Self> {
        Ok(Self { dynamodb: bind()?, s3: bind()?, json: bind()? })
    }

    /// What leads an AWS SDK to these listeners.
    pub(super) fn variables(&self) -> Result<BTreeMap<String, String>> {
        let variables = [
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", CREDENTIAL.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", CREDENTIAL.to_owned()),
            ("AWS_ENDPOINT_URL", url(&self.json)?),
            ("AWS_ENDPOINT_URL_DYNAMODB", url(&self.dynamodb)?),
            ("AWS_ENDPOINT_URL_S3", url(&self.s3)?),
        ];
        Ok(variables.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

fn bind() -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("loopback has no free port")?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn url(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// The services, opened on the home.
pub(super) struct Services {
    dynamodb: DynamoDb,
    s3: S3,
    secrets: Secrets,
    events: Bus,
    queues: Sqs,
    pub(super) ecs: Ecs,
}

impl Services {
    pub(super) fn open(
        template: &Template,
        options: &Options,
        events: Bus,
        queues: Sqs,
        faults: Faults,
    ) -> Result<Self> {
        let home = &options.home;
        let file = home.path("dynamodb.sqlite");
        let dynamodb = DynamoDb::open((!options.in_memory).then_some(file.as_path()), faults.clone())?;
        for table in &template.tables {
            dynamodb.create_table(table).with_context(|| format!("cannot create the table {}", table.name))?;
        }
        let buckets: Vec<&str> = template.buckets.iter().map(|bucket| bucket.name.as_str()).collect();
        let s3 = S3::open(&home.path("s3"), &buckets, CREDENTIAL, CREDENTIAL, faults)?;
        let [secret] = &template.secrets[..] else {
            bail!("the local stack keeps one secret, not {}", template.secrets.len())
        };
        let secrets = Secrets::open(secret, &home.path("secret.json"), options.settings.variables())?;
        let definitions = template.task_definitions.clone();
        let ecs = Ecs::open(host(options), definitions, secrets.clone(), events.clone())?;
        Ok(Self { dynamodb, s3, secrets, events, queues, ecs })
    }

    /// What the table's calls would be billed as.
    pub(super) fn units(&self) -> Units {
        self.dynamodb.units()
    }

    /// Answers on the listeners until the tasks are dropped.
    pub(super) fn serve(self, listeners: Listeners, lambda: Lambda) -> Result<Vec<AbortOnDropHandle<()>>> {
        let Self { dynamodb, s3, secrets, events, queues, ecs } = self;
        serve_dynamodb(dynamodb, listeners.dynamodb)?;
        let json = json::router(json::Services { secrets, events, ecs, queues }).merge(invoke_router(lambda));
        Ok(vec![serve(listeners.s3, s3.router())?, serve(listeners.json, json)?])
    }
}

/// The database runs on a thread of its own: SQLite takes one caller at a time
/// anyway, and the gateways must not wait behind it.
fn serve_dynamodb(dynamodb: DynamoDb, listener: TcpListener) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new().name("dynamodb".into());
    thread.spawn(move || {
        runtime.block_on(async {
            let served = serve(listener, dynamodb.router());
            let mut period = tokio::time::interval(SWEEP_PERIOD);
            while served.is_ok() {
                period.tick().await;
                if let Err(error) = dynamodb.sweep() {
                    tracing::error!(%error, "cannot sweep expired items");
                }
            }
        });
    })?;
    Ok(())
}

/// Serves a router; small answers leave at once.
pub(super) fn serve(listener: TcpListener, router: Router) -> Result<AbortOnDropHandle<()>> {
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a listener failed");
        }
    }))
}

fn host(options: &Options) -> Host {
    let opencode = options.tools.image_variables();
    Host {
        tasks: options.home.path("tasks"),
        logs: options.home.path("logs/tasks"),
        binaries: options.binaries.clone(),
        image_variables: BTreeMap::from([("opencode".to_owned(), opencode)]),
    }
}
