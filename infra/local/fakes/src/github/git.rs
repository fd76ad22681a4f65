//! The repositories themselves, behind git's own HTTP server (`git http-backend`).
//!
//! One is made when it is first asked for, with a file in it. Whoever shows a token, as GitHub
//! wants it (`x-access-token:<token>`), sees what it opens.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use axum::body::{Body, Bytes};
use axum::extract::{Path as Place, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::hub::Hub;

/// Where the repositories are.
pub(super) struct Repositories {
    folder: PathBuf,
    making: Mutex<()>,
}

impl Repositories {
    /// In a folder beside the fake's file, or a temporary one.
    pub(super) fn beside(file: Option<&Path>) -> Result<Self> {
        let temporary = || env::temp_dir().join(format!("agent-ops-fake-git-{}", std::process::id()));
        let folder = file.map_or_else(temporary, |file| file.with_file_name("git"));
        Ok(Self { folder, making: Mutex::new(()) })
    }

    /// The bare repository of this name, made if it is not there.
    async fn get(&self, full_name: &str) -> Result<PathBuf> {
        let _one_at_a_time = self.making.lock().await;
        let name = full_name.to_lowercase().replace('/', "+");
        let bare = self.folder.join(format!("{name}.git"));
        if bare.is_dir() {
            return Ok(bare);
        }
        let (tree, unfinished) = (self.folder.join(format!("{name}.tree")), self.folder.join(format!("{name}.new")));
        for left in [&tree, &unfinished] {
            let _ = fs::remove_dir_all(left);
        }
        fs::create_dir_all(&tree)?;
        fs::write(tree.join("README.md"), format!("# {full_name}\n"))?;
        git(&tree, &["init", "--quiet", "--initial-branch=main"]).await?;
        git(&tree, &["add", "."]).await?;
        let who = ["-c", "user.name=Octo Developer", "-c", "user.email=dev@example.com"];
        git(&tree, &[&who[..], &["commit", "--quiet", "--message", "First commit"]].concat()).await?;
        git(&tree, &["clone", "--quiet", "--bare", ".", &unfinished.display().to_string()]).await?;
        git(&unfinished, &["config", "http.receivepack", "true"]).await?;
        fs::rename(&unfinished, &bare)?;
        fs::remove_dir_all(&tree)?;
        Ok(bare)
    }
}

/// A git that knows no configuration but the repository's own.
fn plain_git() -> Command {
    let mut command = Command::new("git");
    command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent").kill_on_drop(true);
    command
}

async fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    let output = plain_git().current_dir(folder).args(arguments).output().await.context("git is not installed")?;
    ensure!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// `info/refs`, `git-upload-pack` and `git-receive-pack` of a repository.
pub(super) async fn serve(
    State(hub): State<Hub>,
    Place((owner, name)): Place<(String, String)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let service = parts.uri.path().rsplit_once(".git/").map(|(_, service)| service.to_owned());
    let (Some(name), Some(service)) = (name.strip_suffix(".git"), service) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let query = parts.uri.query().unwrap_or_default();
    let writes = service == "git-receive-pack" || query.contains("service=git-receive-pack");
    let full_name = format!("{owner}/{name}");
    if let Err(refused) = admit(&hub, &parts.headers, &full_name, writes) {
        return refused.into_response();
    }
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let served = async {
        let bare = hub.repositories.get(&full_name).await?;
        let header =
            |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let variables = [
            ("REQUEST_METHOD", parts.method.as_str()),
            ("QUERY_STRING", query),
            ("CONTENT_TYPE", header(header::CONTENT_TYPE)),
            ("HTTP_CONTENT_ENCODING", header(header::CONTENT_ENCODING)),
            ("GIT_PROTOCOL", header(HeaderName::from_static("git-protocol"))),
        ];
        backend(&bare, &service, &variables, body).await
    };
    served.await.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response())
}

/// Why somebody is not let in.
enum Refused {
    /// Whoever shows no token that is good is asked for one.
    Unknown,
    /// What is not to be seen is not there.
    Absent,
    ReadOnly,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => {
                (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"GitHub\"")]).into_response()
            }
            Self::Absent => (StatusCode::NOT_FOUND, "Repository not found.").into_response(),
            Self::ReadOnly => (StatusCode::FORBIDDEN, "Write access to repository not granted.").into_response(),
        }
    }
}

fn admit(hub: &Hub, headers: &HeaderMap, full_name: &str, writes: bool) -> Result<(), Refused> {
    let token = token(headers);
    hub.data.read(|data| {
        let repo = data.repo_named(full_name);
        let Some(token) = token else {
            let is_open = !writes && repo.is_some_and(|repo| !repo.private);
            return is_open.then_some(()).ok_or(Refused::Unknown);
        };
        let known = data.tokens.get(&token).filter(|known| known.is_good(hub.now_s()));
        let opens = known.map(|known| &known.opens).ok_or(Refused::Unknown)?;
        let repo = repo.filter(|repo| opens.shows(data, repo)).ok_or(Refused::Absent)?;
        (!writes || opens.writes(data, repo, "contents")).then_some(()).ok_or(Refused::ReadOnly)
    })
}

fn token(headers: &HeaderMap) -> Option<String> {
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.to_owned())
}

/// Runs git's CGI program.
async fn backend(bare: &Path, service: &str, variables: &[(&str, &str)], body: Bytes) -> Result<Response> {
    let mut child = plain_git()
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", bare)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", format!("/{service}"))
        .env("REMOTE_USER", "fake")
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("CONTENT_LENGTH", body.len().to_string())
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("git is not installed")?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    // It may answer before it has read everything.
    let write = async move {
        let _ = stdin.write_all(&body).await;
        drop(stdin);
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), write);
    let output = Bytes::from(output?.stdout);
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").context("git http-backend said nothing")?;
    let mut response = Body::from(output.slice(end + 4..)).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name {
            "Status" => *response.status_mut() = value.split(' ').next().unwrap_or_default().parse()?,
            _ => drop(response.headers_mut().insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?)),
        }
    }
    Ok(response)
}
