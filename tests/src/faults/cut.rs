//! Cuts one leg of one session.

use anyhow::Result;
use reqwest::Method;

use super::patience::insist;
use super::watch::Watcher;
use crate::{Api, Session, Task};

/// What is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    Nothing,
    /// OpenCode, by SIGKILL.
    Opencode,
    /// The runner, by SIGKILL.
    Runner,
    /// Every process of the sandbox, by SIGKILL.
    Task,
    /// The sandbox, by ECS.
    StopTask,
    /// The turn, by its user.
    Abort,
    /// The viewer on Server-Sent Events goes away and comes back.
    FollowerOnce,
    /// The viewer on a socket goes away and comes back.
    SocketOnce,
    /// The newest prompt, if it waits.
    CancelQueued,
}

impl Cut {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Opencode => "OpenCode killed",
            Self::Runner => "runner killed",
            Self::Task => "whole task killed",
            Self::StopTask => "StopTask",
            Self::Abort => "turn aborted",
            Self::FollowerOnce => "SSE viewer cut",
            Self::SocketOnce => "socket viewer cut",
            Self::CancelQueued => "queued prompt taken back",
        }
    }
}

/// What a session's cuts are made on.
pub(super) struct Legs<'a> {
    pub(super) session: &'a Session,
    /// Where ECS answers.
    pub(super) services: &'a Api,
    pub(super) follower: &'a Watcher,
    pub(super) socket: &'a Watcher,
}

impl Legs<'_> {
    /// Makes the cut, if what is to be cut is there; says what was done.
    pub(super) async fn cut(&self, cut: Cut, newest: &str) -> Result<Option<String>> {
        Ok(match cut {
            Cut::Nothing => None,
            Cut::Opencode => self.kill(|task| Ok(vec![task.opencode()?])),
            Cut::Runner => self.kill(|task| Ok(vec![task.runner()?])),
            Cut::Task => self.kill(Task::processes),
            Cut::StopTask => self.stop_task().await,
            Cut::Abort => {
                let path = self.session.path("/abort");
                let abort = || self.session.api.request(Method::POST, &path).json(&serde_json::json!({}));
                let (answer, _) = insist(&self.session.api, abort).await?;
                Some(format!("{} {}", answer.status, answer.code()))
            }
            Cut::FollowerOnce => Some(self.follower.cut()),
            Cut::SocketOnce => Some(self.socket.cut()),
            Cut::CancelQueued => {
                let path = self.session.path(&format!("/messages/{newest}"));
                let cancel = || self.session.api.request(Method::DELETE, &path);
                let (answer, _) = insist(&self.session.api, cancel).await?;
                Some(format!("{} {}", answer.status, answer.code()))
            }
        })
    }

    /// Kills processes of the newest sandbox that are there.
    fn kill(&self, which: impl Fn(&Task) -> Result<Vec<crate::Process>>) -> Option<String> {
        let task = self.session.task().ok()?;
        let killed: Vec<u32> = which(&task)
            .ok()?
            .into_iter()
            // It may have ended by itself meanwhile.
            .filter(|process| process.signal("KILL").is_ok())
            .map(|process| process.pid)
            .collect();
        (!killed.is_empty()).then(|| format!("{killed:?} of {}", task.id))
    }

    async fn stop_task(&self) -> Option<String> {
        let task = self.session.task().ok()?;
        let request = self
            .services
            .request(Method::POST, "/")
            .header("x-amz-target", "AmazonEC2ContainerServiceV20141113.StopTask")
            .json(&serde_json::json!({ "task": task.id, "reason": "the fault run wants it" }));
        let answer = self.services.answer(request).await.ok()?;
        (answer.status == 200).then_some(task.id)
    }
}
