//! The relay mode from start to end: gateway, line, OpenCode, turns.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::message::TurnError;
use domain::session::Policy;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tracing::{info, warn};
use wire::runner::{SessionSetup, Welcome};

use crate::config::Config;
use crate::gateway::Gateway;
use crate::opencode::{Client, Endpoint, follow};
use crate::relay::{FromLink, dial};
use crate::sandbox::{OPENCODE_USER, Permission, SandboxSetup, SandboxSpec, UnknownModel};
use crate::translate::turn_error;
use crate::turn::{Agent, Driver};

/// How long OpenCode may take to save what it has.
const DISPOSE_WAIT: Duration = Duration::from_secs(3);
/// How long the last words may take to be acknowledged.
const FLUSH_WAIT: Duration = Duration::from_secs(3);

/// Serves the session until the relay or `shutdown` says to stop.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> Result<()> {
    tokio::pin!(shutdown);
    let gateway = Gateway::new(config.providers.clone());
    let address = gateway.listen(config.gateway_port).await.context("the model gateway could not listen")?;
    let (line, mut incoming) = dial(config.link.clone());
    let welcome = tokio::select! {
        welcome = welcomed(&mut incoming) => welcome,
        () = &mut shutdown => None,
    };
    let Some(welcome) = welcome else { return Ok(()) };

    let setup = setup(&config, &welcome.session, &format!("http://{address}"));
    let client = client(&config, &welcome.session, setup.as_ref().ok());
    let agent = agent(&config, &welcome.session, client.clone()).await;
    let mut driver = Driver::new(config.link.session, agent, line);
    let mut events = match setup {
        Ok(setup) => {
            info!(model = %setup.model, "the sandbox is set up");
            gateway.set_sandbox(setup);
            follow(client.clone())
        }
        Err(error) => {
            warn!(%error, "the session's model is unknown");
            driver.refuse(unknown_model(&error));
            tokio::sync::mpsc::channel(1).1
        }
    };
    driver.welcome(*welcome);
    tokio::select! {
        reason = driver.run(&mut incoming, &mut events) => info!(reason, "stopping"),
        () = &mut shutdown => {
            info!("asked to stop");
            driver.give_up(turn_error("runner_stopped", "the sandbox was stopped; send the message again"));
            driver.line().flush(FLUSH_WAIT).await;
        }
    }
    // A SIGTERM alone would lose what OpenCode has not saved.
    let _ = timeout(DISPOSE_WAIT, client.dispose()).await;
    Ok(())
}

/// Waits for the session's first welcome; `None` when the relay wants no runner.
async fn welcomed(incoming: &mut UnboundedReceiver<FromLink>) -> Option<Box<Welcome>> {
    loop {
        match incoming.recv().await? {
            FromLink::Welcome(welcome) => return Some(welcome),
            FromLink::Stop { reason } => {
                info!(reason, "not needed");
                return None;
            }
            // Whatever overtook the welcome is said again by it.
            _ => {}
        }
    }
}

fn setup(config: &Config, session: &SessionSetup, gateway_url: &str) -> Result<SandboxSetup, UnknownModel> {
    let spec = SandboxSpec {
        model: session.model.clone(),
        directory: config.directory(&session.workspace),
        data_root: config.data_root.clone(),
        gateway_url: gateway_url.to_owned(),
        permissions: session.permissions.iter().map(|(tool, policy)| (tool.clone(), permission(*policy))).collect(),
        password: config.password.clone(),
    };
    SandboxSetup::new(&spec, &config.providers)
}

fn permission(policy: Policy) -> Permission {
    match policy {
        Policy::Ask => Permission::Ask,
        Policy::Allow => Permission::Allow,
        Policy::Deny => Permission::Deny,
    }
}

fn client(config: &Config, session: &SessionSetup, setup: Option<&SandboxSetup>) -> Client {
    Client::new(Endpoint {
        url: config.opencode_url.clone(),
        user: OPENCODE_USER.to_owned(),
        password: setup.map(|setup| setup.password.clone()).unwrap_or_default(),
        directory: config.directory(&session.workspace).to_string_lossy().into_owned(),
    })
}

async fn agent(config: &Config, session: &SessionSetup, client: Client) -> Agent {
    let notes = config.data_root.join("runner");
    if let Err(error) = tokio::fs::create_dir_all(&notes).await {
        warn!(%error, "the runner's notes can't be kept");
    }
    let title = if session.title.is_empty() { "Agent Ops".to_owned() } else { session.title.clone() };
    Agent::new(client, session.id.to_string(), title, notes.join("opencode-session"))
}

fn unknown_model(error: &UnknownModel) -> TurnError {
    turn_error("model_unknown", &error.to_string())
}
