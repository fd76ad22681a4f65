#![cfg(target_os = "linux")]
//! The supervisor as a process, with a shell script in OpenCode's place.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use runner::gateway::{Gateway, Providers};
use runner::sandbox::{SandboxSetup, SandboxSpec};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// Tells the test about itself and about a tool that it starts as OpenCode does, in a session of
/// its own; then waits for the end of the line, and with that dies.
const FAKE_OPENCODE: &str = r#"#!/usr/bin/env bash
setsid bash -c 'sleep 1000 & wait' </dev/null >/dev/null 2>&1 &
exec 3<>/dev/tcp/127.0.0.1/NOTIFY
echo "$$ $! $PWD $XDG_CONFIG_HOME ${OF_THE_IMAGE:-none} ${AWS_OF_THE_TASK:-none} ${OPENCODE_BIN:-none} $*" >&3
read -r -u 3
kill -9 $$
"#;

/// A supervisor and what it is given.
struct Rig {
    home: TempDir,
    gateway: Gateway,
    starts: TcpListener,
    supervisor: Child,
}

/// What the fake OpenCode told of itself; dropping `line` makes it die.
struct Started {
    line: TcpStream,
    pid: Pid,
    tool: Pid,
    directory: PathBuf,
    config: PathBuf,
    rest: String,
}

impl Rig {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let gateway = Gateway::new(Providers::from_lookup(|_| None), None);
        let address = gateway.listen(0).await.unwrap();
        let starts = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let binary = fake_opencode(home.path(), starts.local_addr().unwrap().port());
        let supervisor = supervise(&binary, &format!("http://{address}"));
        Self { home, gateway, starts, supervisor }
    }

    fn tell(&self) {
        let spec = SandboxSpec {
            model: Some("compatible/m".into()),
            directory: self.home.path().join("workspace/project"),
            data_root: self.home.path().join("data"),
            gateway_url: "http://127.0.0.1:1".into(),
            permissions: BTreeMap::new(),
            repository: None,
            password: Some("a-password-to-keep".into()),
        };
        self.gateway.set_sandbox(SandboxSetup::new(&spec, &Providers::from_lookup(|_| None)).unwrap());
    }

    async fn started(&self) -> Started {
        let (line, _) = timeout(PATIENCE, self.starts.accept()).await.expect("opencode is started").unwrap();
        let mut line = BufReader::new(line);
        let mut told = String::new();
        timeout(PATIENCE, line.read_line(&mut told)).await.expect("it tells of itself").unwrap();
        let words: Vec<_> = told.trim_end().splitn(5, ' ').collect();
        let pid = |text: &str| Pid::from_raw(text.parse().unwrap()).unwrap();
        Started {
            line: line.into_inner(),
            pid: pid(words[0]),
            tool: pid(words[1]),
            directory: words[2].into(),
            config: words[3].into(),
            rest: words[4].to_owned(),
        }
    }

    async fn end(self) -> (bool, String) {
        end(self.supervisor).await
    }
}

fn supervise(opencode: &Path, gateway_url: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_runner"))
        .arg("supervise")
        .env("OPENCODE_BIN", opencode)
        .env("OPENCODE_PORT", "1")
        .env("GATEWAY_URL", gateway_url)
        .env("OF_THE_IMAGE", "seen")
        .env("AWS_OF_THE_TASK", "leaked")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Asks the supervisor to end, waits for it, and returns what it logged.
async fn end(mut supervisor: Child) -> (bool, String) {
    let pid = Pid::from_raw(supervisor.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let mut log = String::new();
    let mut stderr = supervisor.stderr.take().unwrap();
    let status = timeout(PATIENCE, supervisor.wait()).await.expect("it ends").unwrap();
    stderr.read_to_string(&mut log).await.unwrap();
    (status.success(), log)
}

fn fake_opencode(home: &Path, notify: u16) -> PathBuf {
    let path = home.join("opencode");
    std::fs::write(&path, FAKE_OPENCODE.replace("NOTIFY", &notify.to_string())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn is_alive(pid: Pid) -> bool {
    test_kill_process(pid).is_ok()
}

#[tokio::test]
async fn opencode_starts_once_the_session_is_known_with_its_files_and_nothing_of_the_platform() {
    let rig = Rig::new().await;
    rig.tell();
    let started = rig.started().await;
    assert_eq!(started.directory, rig.home.path().join("workspace/project"));
    assert_eq!(started.config, rig.home.path().join("data/config"));
    assert_eq!(started.rest, "seen none none serve --hostname 127.0.0.1 --port 1");
    let written = |name: &str| std::fs::read_to_string(started.config.join("opencode").join(name)).unwrap();
    assert!(written("opencode.json").contains("compatible/m"));
    assert!(written("package-lock.json").contains("@opencode-ai/plugin"), "or it would be fetched");
    assert!(started.config.join("opencode/node_modules").is_dir());
    assert!(rig.end().await.0);
}

#[tokio::test]
async fn when_opencode_dies_its_tools_are_ended_before_it_starts_again() {
    let rig = Rig::new().await;
    rig.tell();
    let first = rig.started().await;
    assert!(is_alive(first.tool));
    drop(first.line);
    let second = rig.started().await;
    assert!(first.pid != second.pid);
    assert!(!is_alive(first.pid) && !is_alive(first.tool), "both are gone, not even zombies");
    assert!(is_alive(second.tool));
    rig.end().await;
}

#[tokio::test]
async fn a_stop_leaves_no_process_and_no_password_in_the_log() {
    let rig = Rig::new().await;
    rig.tell();
    let started = rig.started().await;
    let (pid, tool) = (started.pid, started.tool);
    let (succeeded, log) = rig.end().await;
    assert!(succeeded && !is_alive(pid) && !is_alive(tool));
    assert!(log.contains("opencode stopped") && !log.contains("a-password-to-keep"), "{log}");
}

#[tokio::test]
async fn a_stop_before_the_session_is_known_ends_at_once() {
    let gateway = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let supervisor = supervise(Path::new("/bin/false"), &format!("http://{}", gateway.local_addr().unwrap()));
    // It listens for signals before it asks for the setup.
    let _asking = timeout(PATIENCE, gateway.accept()).await.expect("it asks").unwrap();
    assert!(end(supervisor).await.0);
}
