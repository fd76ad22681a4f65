//! The pages that a person sees: the consent, and repositories whose issues can be changed by hand.

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use serde::Deserialize;

use super::changes::{self, IssueEdit};
use super::data::{Data, Issue, Pull, Repo};
use super::hub::Hub;
use super::oauth::Authorize;
use super::tokens::Client;

const STYLE: &str = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>\
<title>GitHub, played by the local stack</title>\
<style>body{font:16px system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem}form{margin:1rem 0}\
input,textarea,select{font:inherit;width:100%;box-sizing:border-box;margin:.25rem 0 .75rem}\
input[type=checkbox],input[type=radio]{width:auto}button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}\
small{color:#666}</style><small>This is not GitHub: the local stack plays it. \
<a href='/github'>Repositories</a></small>";

/// Asks the user, who is whoever they choose to be.
pub(super) fn consent(data: &Data, asked: &Authorize, client: Client) -> Html<String> {
    let suggested = asked.login.as_deref();
    let account = |(at, user): (usize, &super::data::User)| {
        let checked = suggested.map_or(at == 0, |login| user.login.eq_ignore_ascii_case(login));
        let checked = if checked { " checked" } else { "" };
        let (login, name) = (escape(&user.login), escape(&user.name));
        format!("<label><input type=radio name=login value='{login}'{checked}> {name} ({login})</label><br>")
    };
    let accounts: String = data.users.values().enumerate().map(account).collect();
    let what = match client {
        Client::App => "to see what the App is installed in".to_owned(),
        Client::Oauth => format!("<code>{}</code>", escape(&asked.scope)),
    };
    let hidden: String = asked
        .repeated()
        .iter()
        .map(|(name, value)| format!("<input type=hidden name='{name}' value='{}'>", escape(value)))
        .collect();
    Html(format!(
        "{STYLE}<h1>Authorize Agent Ops</h1><p>It asks for: {what}</p>\
         <form action='authorize' method=get>{hidden}<p>{accounts}</p>\
         <button name=auto value=allow>Authorize</button><button name=auto value=deny>Cancel</button></form>"
    ))
}

/// `GET /github`
pub(super) async fn index(State(hub): State<Hub>) -> Html<String> {
    hub.look(|data, _| {
        let repo = |repo: &Repo| {
            let name = escape(&data.full_name(repo));
            format!("<li><a href='/github/{name}'>{name}</a>: {} issues and pull requests", repo.issues.len())
        };
        let repos: String = data.repos.values().map(repo).collect();
        Html(format!("{STYLE}<h1>Repositories</h1><ul>{repos}</ul>"))
    })
}

/// `GET /github/{owner}/{repo}`
pub(super) async fn repo(
    State(hub): State<Hub>,
    Path((owner, name)): Path<(String, String)>,
) -> Result<Html<String>, StatusCode> {
    hub.look(|data, _| {
        let repo = data.repo_named(&format!("{owner}/{name}")).ok_or(StatusCode::NOT_FOUND)?;
        let full_name = escape(&data.full_name(repo));
        let issue = |issue: &Issue| {
            let (number, title, state) = (issue.number, escape(&issue.title), state(issue));
            format!("<li><a href='/github/{full_name}/issues/{number}'>#{number} {title}</a> <small>{state}</small>")
        };
        let issues: String = repo.issues.values().rev().take(200).map(issue).collect();
        Ok(Html(format!(
            "{STYLE}<h1>{full_name}</h1><p>{}</p><form method=post><input name=title placeholder='Title' required>\
             <textarea name=body rows=3></textarea><select name=kind><option value=issue>issue<option value=pull>pull \
             request</select><button>Open</button></form><ul>{issues}</ul>",
            escape(&repo.description)
        )))
    })
}

/// What was typed into a page.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    act: String,
}

/// `POST /github/{owner}/{repo}`
pub(super) async fn open(
    State(hub): State<Hub>,
    Path((owner, name)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Redirect, StatusCode> {
    let full_name = format!("{owner}/{name}");
    hub.change(|data, now_s, urls, events| {
        let repo = data.repo_named(&full_name).ok_or(StatusCode::NOT_FOUND)?;
        let (id, owner) = (repo.id, repo.owner);
        let pull = (typed.kind == "pull").then(|| Pull {
            head: format!("change-{}", data.last_id),
            base: "main".into(),
            draft: false,
            merged_s: None,
            reviewers: Vec::new(),
        });
        let edit = IssueEdit { title: Some(typed.title), body: Some(typed.body), ..IssueEdit::default() };
        changes::open(data, id, owner, pull, edit, now_s, urls, events).ok_or(StatusCode::NOT_FOUND)
    })?;
    Ok(Redirect::to(&format!("/github/{full_name}")))
}

/// `GET /github/{owner}/{repo}/issues/{number}`, and `pull/` alike.
pub(super) async fn issue(
    State(hub): State<Hub>,
    Path((owner, name, number)): Path<(String, String, u64)>,
) -> Result<Html<String>, StatusCode> {
    hub.look(|data, _| {
        let repo = data.repo_named(&format!("{owner}/{name}")).ok_or(StatusCode::NOT_FOUND)?;
        let issue = repo.issues.get(&number).ok_or(StatusCode::NOT_FOUND)?;
        let act = if issue.open { "close" } else { "reopen" };
        let merge = if issue.pull.is_some() && issue.open { "<button name=act value=merge>Merge</button>" } else { "" };
        let comments: String = issue
            .comments
            .iter()
            .map(|comment| format!("<p><b>{}</b> {}", escape(data.login(comment.author)), escape(&comment.body)))
            .collect();
        Ok(Html(format!(
            "{STYLE}<h1>#{number} <small>{}</small></h1><form method=post><input name=title value='{}'>\
             <textarea name=body rows=8>{}</textarea><button name=act value=save>Save</button>\
             <button name=act value={act}>{act}</button>{merge}<button name=act value=delete>Delete</button></form>\
             {comments}",
            state(issue),
            escape(&issue.title),
            escape(&issue.body),
        )))
    })
}

/// `POST` to the page of an issue.
pub(super) async fn act(
    State(hub): State<Hub>,
    Path((owner, name, number)): Path<(String, String, u64)>,
    Form(typed): Form<Typed>,
) -> Result<Redirect, StatusCode> {
    let full_name = format!("{owner}/{name}");
    let deletes = typed.act == "delete";
    hub.change(|data, now_s, urls, events| {
        let at = (data.repo_named(&full_name).ok_or(StatusCode::NOT_FOUND)?.id, number);
        let state = match typed.act.as_str() {
            "close" => Some("closed".to_owned()),
            "reopen" => Some("open".to_owned()),
            _ => None,
        };
        let merged = typed.act == "merge";
        let edit =
            IssueEdit { title: Some(typed.title), body: Some(typed.body), state, merged, ..IssueEdit::default() };
        let found = match deletes {
            true => changes::delete(data, at, urls, events),
            false => changes::edit(data, at, edit, now_s, urls, events),
        };
        found.then_some(()).ok_or(StatusCode::NOT_FOUND)
    })?;
    let rest = if deletes { String::new() } else { format!("/issues/{number}") };
    Ok(Redirect::to(&format!("/github/{full_name}{rest}")))
}

fn state(issue: &Issue) -> &'static str {
    match (&issue.pull, issue.open) {
        (Some(Pull { merged_s: Some(_), .. }), _) => "merged",
        (_, true) => "open",
        (_, false) => "closed",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").replace('"', "&quot;")
}
