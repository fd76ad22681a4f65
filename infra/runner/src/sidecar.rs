//! The relay mode from start to end: gateway, line, OpenCode, turns.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::action;
use domain::event::EventBody;
use domain::message::TurnError;
use domain::session::{Permissions, Policy};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tracing::{info, warn};
use wire::runner::{SessionSetup, SnapshotSource, Welcome};

use crate::attachments::Workspace;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::keep::Shelf;
use crate::limits::CLONE_WAIT;
use crate::opencode::{Client, Endpoint, follow};
use crate::relay::{FromLink, Line, dial};
use crate::sandbox::{OPENCODE_USER, Permission, SandboxSetup, SandboxSpec, UnknownModel};
use crate::snapshot::{Before, Roots, Snapshots, restore};
use crate::translate::turn_error;
use crate::turn::{Agent, Driver, Rest};

/// How long OpenCode may take to save what it has.
const DISPOSE_WAIT: Duration = Duration::from_secs(3);
/// How long the last words may take to be acknowledged.
const FLUSH_WAIT: Duration = Duration::from_secs(3);

/// How long the last snapshot may take when the sandbox is ended from outside: ECS allows 30 s for
/// everything.
const PUT_BY_WAIT: Duration = Duration::from_secs(10);

/// Serves the session until the relay or `shutdown` says to stop.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> Result<()> {
    tokio::pin!(shutdown);
    let gateway = Gateway::new(config.providers.clone(), Some(config.link.clone()));
    let address = gateway.listen(config.gateway_port).await.context("the model gateway could not listen")?;
    let (line, mut incoming) = dial(config.link.clone());
    let welcome = tokio::select! {
        welcome = welcomed(&mut incoming) => welcome,
        () = &mut shutdown => None,
    };
    let Some(welcome) = welcome else { return Ok(()) };

    let roots = Roots { workspace: config.workspace_root.clone(), data: config.data_root.clone() };
    let restored = tokio::select! {
        restored = restored(welcome.snapshot.as_ref(), &roots) => restored,
        () = &mut shutdown => return Ok(()),
    };
    let (restored, before) = restored.map_or_else(|error| (Err(error), Before::Unknown), |before| (Ok(()), before));
    // What is cloned is no change of the first turn's.
    let before = if welcome.session.repository.is_some() { before.or_unknown() } else { before };
    let setup = restored.and_then(|()| setup(&config, &welcome.session, &format!("http://{address}")));
    let client = client(&config, &welcome.session, setup.as_ref().ok());
    let agent = agent(&config, &welcome.session, client.clone()).await;
    // What was not restored must not replace what is kept.
    let shelf = Shelf::new(config.link.clone(), config.data_root.clone());
    let below = welcome.session.workspace.below_root().to_owned();
    let snapshots = setup.is_ok().then(|| {
        let mut snapshots = Snapshots::new(roots, config.link.epoch, line.clone());
        snapshots.keep_diffs(shelf.clone(), below.clone(), before);
        snapshots
    });
    if let Some(repository) = welcome.session.repository.clone() {
        gateway.open_repository(repository);
        tell_of_trouble(&gateway, line.clone());
    }
    let mut driver = Driver::new(config.link.session, agent, line, Rest::new(config.link.epoch, snapshots));
    gateway.ask_with(driver.asker());
    driver.wait_for_answers(config.answer_wait);
    if welcome.session.repository.is_some() {
        driver.wait_for_agent(CLONE_WAIT);
    }
    driver.keep_large_texts(shelf);
    driver.attach_in(Workspace { root: config.workspace_root.clone(), below: below.into() });
    let mut events = match setup {
        Ok(setup) => {
            info!(model = %setup.model, "the sandbox is set up");
            gateway.set_sandbox(setup);
            follow(client.clone())
        }
        Err(error) => {
            warn!(error.code, error.message, "no turn can be run");
            driver.refuse(error);
            tokio::sync::mpsc::channel(1).1
        }
    };
    driver.welcome(*welcome);
    let is_ended_from_outside = tokio::select! {
        reason = driver.run(&mut incoming, &mut events) => {
            info!(reason, "stopping");
            false
        }
        () = &mut shutdown => {
            info!("asked to stop");
            driver.give_up(turn_error("runner_stopped", "the sandbox was stopped; send the message again"));
            driver.line().flush(FLUSH_WAIT).await;
            true
        }
    };
    // A SIGTERM alone would lose what OpenCode has not saved.
    let _ = timeout(DISPOSE_WAIT, client.dispose()).await;
    if is_ended_from_outside {
        driver.put_by(&mut incoming, PUT_BY_WAIT).await;
    }
    Ok(())
}

/// Tells the user why the repository is out of reach, each reason once.
fn tell_of_trouble(gateway: &Gateway, line: Line) {
    let mut trouble = gateway.trouble();
    tokio::spawn(async move {
        let mut told = None;
        while trouble.changed().await.is_ok() {
            let message = trouble.borrow_and_update().clone();
            if let Some(message) = message.filter(|message| told.as_ref() != Some(message)) {
                told = Some(message.clone());
                line.event(EventBody::WorkspaceWarning { code: "repository_unavailable".into(), message }.of_session());
            }
        }
    });
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

/// Brings back the last snapshot, if there is one.
async fn restored(snapshot: Option<&SnapshotSource>, roots: &Roots) -> Result<Before, TurnError> {
    let Some(source) = snapshot else { return Ok(Before::Nothing) };
    restore(source, roots).await.map_err(|error| {
        warn!(version = source.version, error = %format!("{error:#}"), "the snapshot could not be restored");
        turn_error(
            "restore_failed",
            "the workspace could not be brought back from where it is kept; send the message again",
        )
    })
}

fn setup(config: &Config, session: &SessionSetup, gateway_url: &str) -> Result<SandboxSetup, TurnError> {
    let spec = SandboxSpec {
        model: session.model.clone(),
        directory: config.directory(&session.workspace),
        data_root: config.data_root.clone(),
        gateway_url: gateway_url.to_owned(),
        permissions: permissions(&session.permissions),
        repository: session.repository.clone(),
        password: config.password.clone(),
    };
    SandboxSetup::new(&spec, &config.providers).map_err(|error| unknown_model(&error))
}

/// The session's, as OpenCode is to keep them. What acts is asked for with all that it will do, by
/// whoever does it, so OpenCode does not ask as well.
fn permissions(session: &Permissions) -> BTreeMap<String, Permission> {
    let asked_elsewhere = action::TOOLS.into_iter().filter(|tool| action::session_policy(session, tool) == Policy::Ask);
    let mut permissions: BTreeMap<String, Permission> =
        session.iter().map(|(tool, policy)| (tool.clone(), permission(*policy))).collect();
    permissions.extend(asked_elsewhere.map(|tool| (action::agents_name(tool), Permission::Allow)));
    permissions
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
