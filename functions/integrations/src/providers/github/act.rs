//! Comments and pull requests.

use domain::Action;
use domain::integration::ErrorClass;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::api::{Api, Refused, Trouble, send};
use crate::providers::{Call, Failure};

/// How long to wait when GitHub is asked too often and does not say how long.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// Does it; GitHub's word for what there is now.
pub(super) async fn act(api: &Api, call: &Call<'_>, action: &Action) -> Result<Value, Failure> {
    let request = request(api, action)?.bearer_auth(call.credentials.access_token.reveal());
    let made: Value = send(request, call.now).await.map_err(|trouble| undone(trouble, call.now))?.json()?;
    Ok(json!({ "id": made["id"], "number": made["number"], "url": made["html_url"] }))
}

fn request(api: &Api, action: &Action) -> Result<RequestBuilder, Failure> {
    let post = |path: String| api.request(Method::POST, &api.url(&path));
    match action {
        Action::CommentOnIssue { repository, number, body } => {
            Ok(post(format!("/repos/{repository}/issues/{number}/comments")).json(&json!({ "body": body })))
        }
        Action::OpenPullRequest { repository, title, body, head, base, draft } => {
            let new = json!({ "title": title, "body": body, "head": head, "base": base, "draft": draft });
            Ok(post(format!("/repos/{repository}/pulls")).json(&new))
        }
        Action::SendMail { .. } | Action::CreateEvent { .. } => Err(Failure::bug("GitHub does not do that.")),
    }
}

/// What a refusal means for someone who wanted something done. `Retry` is left to what has no
/// answer, or one of trouble: then it may have been done.
fn undone(trouble: Trouble, now: Timestamp) -> Failure {
    let refused = trouble.refused.clone();
    let failure = Failure::from(trouble);
    let Some(Refused { status, said }) = refused else { return failure };
    let told = match status {
        403 if said.starts_with("Resource not accessible") => Failure::permanent(
            "GitHub lets Agent Ops read there, not write: the GitHub App needs the permissions Issues and Pull \
             requests with read and write, and the repository's owner has to accept them",
        ),
        403 if failure.class == ErrorClass::Permanent => {
            Failure::permanent(format!("GitHub does not allow it: {said}"))
        }
        404 => Failure::permanent("GitHub has no such repository or issue, or the account may not see it"),
        410 => Failure::permanent("Nothing can be added to it at GitHub any more"),
        422 => Failure::permanent(format!("GitHub refused it: {said}")),
        403 | 429 if failure.class == ErrorClass::Retry => {
            Failure::wait_until(now + PAUSE, "GitHub asks us to slow down")
        }
        _ => return failure,
    };
    told.caused_by(failure)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, StatusCode};

    use super::super::api::refusal;
    use super::*;

    #[test]
    fn only_what_may_have_been_done_counts_as_that() {
        let now = Timestamp::UNIX_EPOCH;
        let class = |status: u16, said: &str| {
            let body = json!({ "message": said }).to_string();
            let trouble = refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), now);
            undone(trouble, now).class
        };
        assert_eq!(class(403, "Resource not accessible by integration"), ErrorClass::Permanent);
        assert_eq!(class(404, "Not Found"), ErrorClass::Permanent);
        assert_eq!(class(422, "Validation Failed"), ErrorClass::Permanent);
        assert_eq!(class(403, "You have exceeded a secondary rate limit."), ErrorClass::WaitUntil(now + PAUSE));
        assert_eq!(class(401, "Bad credentials"), ErrorClass::Unauthorized);
        assert_eq!(class(502, ""), ErrorClass::Retry);
    }

    #[test]
    fn githubs_own_words_are_told() {
        let said = json!({ "message": "Validation Failed", "errors": [{ "message": "No commits between a and b" }] });
        let (now, status) = (Timestamp::UNIX_EPOCH, StatusCode::UNPROCESSABLE_ENTITY);
        let failure = undone(refusal(status, &HeaderMap::new(), said.to_string().as_bytes(), now), now);
        assert_eq!(failure.to_string(), "GitHub refused it: Validation Failed: No commits between a and b");
    }
}
