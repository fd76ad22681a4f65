//! A container as a process: its program, its variables, its folder.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::process::{Child, Command};

use super::Host;
use super::ports::Ports;
use crate::aws::secrets::Secrets;
use crate::process;
use crate::template::{Container, TaskDefinition};

/// Marks every process of a container with the container's folder, so that what
/// slips out of its process group is still found.
const MARK: &str = "LOCAL_CONTAINER";

/// Variables of this machine that a container sees: the way out, and certificates.
const PASSED_ON: [&str; 9] =
    ["PATH", "LANG", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE"];

/// What the containers of one task share.
pub(super) struct Pod<'a> {
    pub(super) host: &'a Host,
    pub(super) secrets: &'a Secrets,
    pub(super) id: &'a str,
    /// Ports of the definition and what they are here.
    pub(super) ports: BTreeMap<u16, u16>,
}

/// Chooses a free port for each port of the task.
pub(super) fn choose_ports(definition: &TaskDefinition, ports: &Ports) -> Result<BTreeMap<u16, u16>> {
    let mut chosen = BTreeMap::new();
    for port in definition.containers.iter().flat_map(|container| &container.ports) {
        if !chosen.contains_key(port) {
            chosen.insert(*port, ports.free().context("no free port is left for tasks")?);
        }
    }
    Ok(chosen)
}

/// Ends every process of the containers whose folders are under this one.
pub(super) fn kill_under(folder: &Path) -> usize {
    process::kill_marked(MARK, &folder.display().to_string())
}

impl Pod<'_> {
    /// The task's own folder; it goes away with the task.
    fn folder(&self) -> PathBuf {
        self.host.tasks.join(self.id)
    }

    fn container_folder(&self, container: &str) -> PathBuf {
        self.folder().join("containers").join(container)
    }

    /// Starts a container's process with the variables that came with the call on top.
    pub(super) fn start(&self, container: &Container, given: &BTreeMap<String, String>) -> Result<Child> {
        let (program, arguments) = container.command.split_first().context("the container has no command")?;
        let folder = self.container_folder(&container.name);
        fs::create_dir_all(folder.join("tmp"))?;
        for mount in &container.mounts {
            fs::create_dir_all(self.folder().join(&mount.volume))?;
        }
        let log = self.log(&container.name)?;
        let mut command = Command::new(self.program(program));
        command
            .args(arguments)
            .current_dir(&folder)
            .env_clear()
            .envs(self.variables(container, given)?)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        process::contain(&mut command, Signal::TERM);
        command.spawn().with_context(|| format!("cannot start {program}"))
    }

    fn program(&self, name: &str) -> PathBuf {
        let built = self.host.binaries.join(name);
        if built.is_file() { built } else { PathBuf::from(name) }
    }

    fn log(&self, container: &str) -> Result<File> {
        fs::create_dir_all(&self.host.logs)?;
        let file = self.host.logs.join(format!("{}.{container}.log", self.id));
        Ok(OpenOptions::new().create(true).append(true).open(file)?)
    }

    fn variables(&self, container: &Container, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
        let folder = self.container_folder(&container.name);
        let machine = PASSED_ON.iter().filter_map(|name| Some((name.to_string(), std::env::var(name).ok()?)));
        let mut variables: BTreeMap<String, String> = machine.collect();
        variables.insert("HOME".into(), folder.display().to_string());
        variables.insert("TMPDIR".into(), folder.join("tmp").display().to_string());
        variables.extend(self.host.image_variables.get(&container.name).cloned().unwrap_or_default());
        let plain = container.environment.iter().chain(given);
        variables.extend(plain.map(|(name, value)| (name.clone(), self.localise(container, value))));
        for (name, value_from) in &container.secrets {
            let value = self.secrets.resolve(value_from).with_context(|| format!("secret for {name} is unknown"))?;
            variables.insert(name.clone(), value);
        }
        variables.insert(MARK.into(), folder.display().to_string());
        Ok(variables)
    }

    /// Puts this task's folders and ports where the value names the container's.
    fn localise(&self, container: &Container, value: &str) -> String {
        for mount in &container.mounts {
            if let Ok(inside) = Path::new(value).strip_prefix(&mount.path) {
                let volume = self.folder().join(&mount.volume);
                // Joining an empty path would add a slash.
                let path = if inside.as_os_str().is_empty() { volume } else { volume.join(inside) };
                return path.display().to_string();
            }
        }
        self.ports.iter().fold(value.to_owned(), |value, (inner, outer)| replace_port(&value, *inner, *outer))
    }
}

/// Replaces a port where it is the whole value or stands behind a colon.
fn replace_port(value: &str, inner: u16, outer: u16) -> String {
    if value == inner.to_string() {
        return outer.to_string();
    }
    let port = format!(":{inner}");
    let found = value.match_indices(&port).map(|(at, _)| at);
    let mut whole = found.filter(|at| !value[at + port.len()..].starts_with(|next: char| next.is_ascii_digit()));
    match whole.next() {
        Some(at) => format!("{}:{outer}{}", &value[..at], &value[at + port.len()..]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::replace_port;

    #[test]
    fn a_port_is_replaced_only_where_it_is_one() {
        let table = [
            ("4096", "25001"),
            ("http://127.0.0.1:4096", "http://127.0.0.1:25001"),
            ("http://127.0.0.1:4096/path", "http://127.0.0.1:25001/path"),
            ("http://127.0.0.1:40961", "http://127.0.0.1:40961"),
            ("in 4096 words", "in 4096 words"),
            ("4097", "4097"),
        ];
        for (value, expected) in table {
            assert_eq!(replace_port(value, 4096, 25001), expected, "{value}");
        }
    }
}
