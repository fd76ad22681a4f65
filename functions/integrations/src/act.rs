//! Does one thing at a service on a user's behalf, once.
//!
//! An action is noted before it is begun and what came of it after. Whoever asks for the very
//! same again gets that answer; where nobody knows it, because a process died or the service did
//! not answer, it is done again only if that can't do it twice.

use axum::http::StatusCode;
use domain::integration::ErrorClass;
use domain::{Action, Integration};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::ActionRecord;
use web::ApiError;

use crate::providers::{Deed, Failure};
use crate::sync::{Access, ask};
use crate::{Deps, WorkError};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// It was begun then, and may have been done.
    #[error("the same was begun before, and whether it was done is not known")]
    Unknown { since: Timestamp },
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// What was done, and when it was begun: now, or before.
pub struct Done {
    pub outcome: Value,
    pub begun_at: Timestamp,
}

/// What came of it when it was asked for before; `None` if it is to be done.
pub async fn done_before(
    deps: &Deps,
    integration: &Integration,
    action: &Action,
    key: &str,
) -> Result<Option<Done>, ActError> {
    let record = deps.store.action(integration.owner, key, web::now()).await.map_err(WorkError::from)?;
    record.map_or(Ok(None), |record| settled(record, action))
}

fn settled(record: ActionRecord, action: &Action) -> Result<Option<Done>, ActError> {
    let ActionRecord { begun_at, outcome } = record;
    match outcome {
        Some(outcome) => Ok(Some(Done { outcome, begun_at })),
        None if action.is_repeatable() => Ok(None),
        None => Err(ActError::Unknown { since: begun_at }),
    }
}

/// Does it in the name of the integration's account. `key` is the same for whoever asks for the same.
pub async fn act(
    deps: &Deps,
    integration: &Integration,
    action: &Action,
    key: &str,
    now: Timestamp,
) -> Result<Done, ActError> {
    action.check().map_err(|wrong| WorkError::from(Failure::permanent(wrong)))?;
    let provider = deps.providers().await.map_err(WorkError::from)?.get(&integration.service);
    let provider =
        provider.ok_or_else(|| WorkError::from(Failure::bug("this deployment does not know the service")))?;
    // What can fail without a trace comes before the note.
    let mut access = Access::open(deps, provider, integration).await?;
    let begun_at = match deps.store.begin_action(integration.owner, key, now).await.map_err(WorkError::from)? {
        None => now,
        Some(before) => {
            let begun_at = before.begun_at;
            match settled(before, action)? {
                Some(done) => return Ok(done),
                None => begun_at,
            }
        }
    };
    let id = id(key, begun_at);
    let deed = Deed { action, id: &id };
    let done: Result<Value, WorkError> = ask!(access, |call| provider.act(call, deed));
    match done {
        Ok(outcome) => {
            let record = ActionRecord { begun_at, outcome: Some(outcome.clone()) };
            deps.store.end_action(integration.owner, key, &record).await.map_err(WorkError::from)?;
            Ok(Done { outcome, begun_at })
        }
        Err(error) => {
            if error.class().is_some_and(|class| class != ErrorClass::Retry) {
                deps.store.forget_action(integration.owner, key).await.map_err(WorkError::from)?;
            }
            Err(error.into())
        }
    }
}

/// What the service knows it by, where it lets us say: the same for each attempt at it.
fn id(key: &str, begun_at: Timestamp) -> String {
    hex::encode(Sha256::new().chain_update(key).chain_update(begun_at.to_string()).finalize())
}

impl From<ActError> for ApiError {
    fn from(error: ActError) -> Self {
        const LOOK: &str = "It may have been done: look at the service before it is done again";
        let failure = match error {
            ActError::Unknown { since } => {
                return Self::new(StatusCode::CONFLICT, "outcome_unknown", format!("{error} (since {since}). {LOOK}"));
            }
            ActError::Work(WorkError::Provider(failure)) => failure,
            ActError::Work(error) => return error.into(),
        };
        let (code, next) = match failure.class {
            ErrorClass::Reauth | ErrorClass::Unauthorized | ErrorClass::Bug => return WorkError::from(failure).into(),
            ErrorClass::Retry => ("outcome_unknown", LOOK.to_owned()),
            ErrorClass::WaitUntil(at) => ("provider_failed", format!("It was not done; try again after {at}")),
            ErrorClass::Resync | ErrorClass::Gone | ErrorClass::Permanent => {
                ("provider_failed", "It was not done".to_owned())
            }
        };
        let said = failure.to_string();
        Self::new(StatusCode::BAD_GATEWAY, code, format!("{}. {next}", said.trim_end_matches('.'))).caused_by(failure)
    }
}

#[cfg(test)]
mod tests {
    use domain::Repository;
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::testing::World;

    fn comment() -> Action {
        Action::CommentOnIssue { repository: Repository::parse("o/r").unwrap(), number: 1, body: "hello".into() }
    }

    fn event() -> Action {
        let (starts_at, people) = (Timestamp::UNIX_EPOCH, Vec::new());
        let ends_at = starts_at + SignedDuration::from_mins(30);
        let text = String::new;
        Action::CreateEvent {
            calendar: "primary".into(),
            title: text(),
            description: text(),
            location: text(),
            starts_at,
            ends_at,
            people,
        }
    }

    async fn act_in(world: &World, action: &Action) -> Result<Value, ActError> {
        act(&world.deps, &world.integration, action, "key", web::now()).await.map(|done| done.outcome)
    }

    #[tokio::test]
    async fn the_very_same_is_done_once_and_answered_again() {
        let world = World::new().await;
        for _ in 0..3 {
            assert_eq!(act_in(&world, &comment()).await.unwrap(), json!({ "n": 1 }));
        }
        assert_eq!(world.toy.shop().deeds.len(), 1);
        let done = done_before(&world.deps, &world.integration, &comment(), "key").await.unwrap().expect("done");
        assert_eq!(done.outcome, json!({ "n": 1 }));
        assert!(done_before(&world.deps, &world.integration, &comment(), "other").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_was_refused_may_be_tried_again() {
        let world = World::new().await;
        world.toy.shop().failures.push(Failure::permanent("no such issue"));
        let refused = ApiError::from(act_in(&world, &comment()).await.unwrap_err());
        assert_eq!(refused.detail("").message, "no such issue. It was not done");
        assert_eq!(act_in(&world, &comment()).await.unwrap(), json!({ "n": 2 }));
    }

    #[tokio::test]
    async fn what_may_have_been_done_is_not_done_again() {
        let world = World::new().await;
        world.toy.shop().failures.push(Failure::retry("no answer"));
        assert_eq!(ApiError::from(act_in(&world, &comment()).await.unwrap_err()).code(), "outcome_unknown");
        assert!(matches!(act_in(&world, &comment()).await, Err(ActError::Unknown { .. })));
        let before = done_before(&world.deps, &world.integration, &comment(), "key").await;
        assert!(matches!(before, Err(ActError::Unknown { .. })), "nor is anybody asked whether it may be");
        assert_eq!(world.toy.shop().deeds.len(), 1, "the first attempt, which may have come through");
    }

    #[tokio::test]
    async fn what_can_be_repeated_is_repeated_under_the_same_id() {
        let world = World::new().await;
        world.toy.shop().failures.push(Failure::retry("no answer"));
        act_in(&world, &event()).await.unwrap_err();
        act_in(&world, &event()).await.unwrap();
        let deeds = world.toy.shop().deeds.clone();
        assert!(deeds.len() == 2 && deeds[0] == deeds[1], "{deeds:?}");
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_before_it_is_done() {
        let world = World::new().await;
        world.toy.shop().failures.push(Failure::unauthorized("old token"));
        act_in(&world, &comment()).await.unwrap();
        assert_eq!(world.toy.refreshed.load(std::sync::atomic::Ordering::SeqCst), 1);
    }
}
