//! Comments and pull requests.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::api::{Api, send};
use crate::providers::{Action, Call, Failure};

/// Does it; GitHub's word for what there is now.
pub(super) async fn act(api: &Api, call: &Call<'_>, action: &Action) -> Result<Value, Failure> {
    let made: Value =
        send(request(api, action)?.bearer_auth(call.credentials.access_token.reveal()), call.now).await?.json()?;
    Ok(json!({ "id": made["id"], "number": made["number"], "url": made["html_url"] }))
}

fn request(api: &Api, action: &Action) -> Result<RequestBuilder, Failure> {
    let post = |path: String| api.request(Method::POST, &api.url(&path));
    match action {
        Action::Comment { repository, number, body } => {
            Ok(post(format!("/repos/{repository}/issues/{number}/comments")).json(&json!({ "body": body })))
        }
        Action::OpenPullRequest { repository, title, body, head, base, draft } => {
            let new = json!({ "title": title, "body": body, "head": head, "base": base, "draft": draft });
            Ok(post(format!("/repos/{repository}/pulls")).json(&new))
        }
        _ => Err(Failure::bug("GitHub does not do that.")),
    }
}
