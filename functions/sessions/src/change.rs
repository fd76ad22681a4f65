//! Changes a session and has the agent function tell those who watch.

use domain::session::Change;
use domain::{Seq, Session, SessionId, UserId, limits};
use store::{Commit, CommitError};
use web::ApiError;
use wire::bus::{SOURCE, SessionChanged};

use crate::Deps;

/// Repeats `decide` on the session as it is until its change is written; with
/// `None` the session stays as it is. Those who watch are told in either case, so
/// that a repeat makes up for a first attempt that died before it told them.
pub(crate) async fn change<F>(
    deps: &Deps,
    owner: UserId,
    id: SessionId,
    decide: impl Fn(&Session) -> F,
) -> Result<Session, ApiError>
where
    F: Future<Output = Result<Option<Change>, ApiError>>,
{
    for _ in 0..limits::RACE_RETRIES_MAX {
        let (session, head) = deps.store.session_and_head(owner, id).await?.ok_or_else(ApiError::session_not_found)?;
        let Some(change) = decide(&session).await? else {
            tell_agent(deps, &session, head).await?;
            return Ok(session);
        };
        let now = web::now();
        let commit = Commit { change: &change, head, leading: Vec::new(), batch: 0, idempotency: None, now };
        match deps.store.commit(commit).await {
            Ok(_) => {
                tell_agent(deps, &change.session, head).await?;
                return Ok(change.session);
            }
            // Nothing here starts a sandbox.
            Err(CommitError::Raced | CommitError::Repeated | CommitError::TooManySandboxes) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(ApiError::unavailable())
}

async fn tell_agent(deps: &Deps, session: &Session, after: Seq) -> Result<(), ApiError> {
    let detail = SessionChanged { user_id: session.owner, session_id: session.id, after };
    deps.tell(SOURCE, SessionChanged::DETAIL_TYPE, &detail).await
}
