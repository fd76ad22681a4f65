//! A sandbox as a task has it: the runner and the supervisor with the real OpenCode, as processes.

use std::path::PathBuf;
use std::process::{Child, Command};

use tempfile::TempDir;

use crate::relay::Relay;

/// The processes of a task. Dropping it ends them all.
pub(crate) struct Sandbox {
    folder: TempDir,
    relay: Child,
    supervisor: Child,
}

impl Sandbox {
    /// Starts a task whose model is the demo model.
    pub(crate) async fn start(relay: &Relay) -> Self {
        let opencode = opencode();
        let folder = TempDir::new().unwrap();
        let (workspace, data) = (folder.path().join("workspace"), folder.path().join("data"));
        for made in [&workspace, &data] {
            std::fs::create_dir(made).unwrap();
        }
        let (agent, gateway, model) = (free_port(), free_port(), start_model().await);
        let runner = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
            command.env("WORKSPACE_ROOT", &workspace).env("DATA_ROOT", &data);
            command
        };
        let supervisor = runner()
            .arg("supervise")
            .env("OPENCODE_BIN", opencode)
            .env("OPENCODE_PORT", agent.to_string())
            .env("GATEWAY_URL", format!("http://127.0.0.1:{gateway}"))
            .spawn()
            .unwrap();
        let relay = runner()
            .arg("relay")
            .env("SESSION_ID", relay.session.to_string())
            .env("EPOCH", "1")
            .env("RUNNER_TOKEN", "token-of-the-test")
            .env("SOCKET_URL", &relay.socket_url)
            .env("API_URL", &relay.api_url)
            .env("OPENCODE_URL", format!("http://127.0.0.1:{agent}"))
            .env("GATEWAY_PORT", gateway.to_string())
            .env("MODEL_BASE_URL", format!("{model}/v1"))
            .env("MODEL_NAME", "demo")
            .spawn()
            .unwrap();
        Self { folder, relay, supervisor }
    }

    /// A file of the agent's workspace.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("workspace/demo").join(name)
    }

    /// Kills OpenCode as a crash would.
    pub(crate) fn kill_agent(&self) {
        let pid = self.supervisor.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let agent = children.split_whitespace().next().expect("the supervisor runs OpenCode");
        signal("-KILL", agent);
    }

    /// Asks the runner to stop, as ECS does, and waits until it has.
    pub(crate) fn stop_runner(&mut self) -> bool {
        signal("-TERM", &self.relay.id().to_string());
        self.relay.wait().unwrap().success()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for child in [&mut self.relay, &mut self.supervisor] {
            if let Ok(None) = child.try_wait() {
                signal("-TERM", &child.id().to_string());
                let _ = child.wait();
            }
        }
    }
}

/// The pinned OpenCode.
fn opencode() -> PathBuf {
    let path = std::env::var_os("OPENCODE_BIN").expect(
        "OPENCODE_BIN is not set: run `cargo local deps`, which installs the pinned OpenCode, or `cargo local test`",
    );
    assert!(PathBuf::from(&path).is_file(), "OPENCODE_BIN names no file: run `cargo local deps`");
    path.into()
}

async fn start_model() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, demo_model::router()).await });
    format!("http://{address}")
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn signal(name: &str, pid: &str) {
    let sent = Command::new("kill").args([name, pid]).status();
    assert!(sent.unwrap().success(), "the process {pid} is gone already");
}
