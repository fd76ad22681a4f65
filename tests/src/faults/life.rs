//! One session of the run, from its creation to its end.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::Plan;
use super::check::check;
use super::cut::{Cut, Legs};
use super::patience::insist;
use super::script::{Moment, Script, scripts};
use super::story::{Story, outline};
use super::summary::Ended;
use super::watch::{Watched, Watcher};
use crate::{Api, Record, Session, Stack};

/// A prompt that the API has accepted.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) turn: u64,
    pub(super) message_id: String,
    pub(super) answer_id: String,
    pub(super) script: Script,
}

/// What both viewers have at the end, and what the API says then.
pub(super) struct Remains {
    pub(super) follower: Watched,
    pub(super) socket: Watched,
    pub(super) stored: Record,
    pub(super) history: Vec<Value>,
    pub(super) accepted: Vec<Accepted>,
}

pub(super) struct Life<'a> {
    stack: &'a Stack,
    session: Session,
    services: Api,
    follower: Watcher,
    socket: Watcher,
    /// Tells this session's requests from those of others.
    name: String,
    accepted: Vec<Accepted>,
    cuts: Vec<Cut>,
    repeats: u64,
    story: Story,
}

impl<'a> Life<'a> {
    /// Leads a session through its scripts to its end, and checks what is left of it.
    pub(super) async fn lead(stack: &'a Stack, plan: Plan, index: usize, progress: &impl Fn()) -> Ended {
        let scripts = scripts(plan, index);
        let mut ended = Ended::of(index);
        match Self::begin(stack, plan, index).await {
            Ok(mut life) => {
                let led = life.run(&scripts, progress).await;
                life.end(led, &mut ended).await;
            }
            Err(error) => ended.violations.push(format!("the session could not be created: {error:#}")),
        }
        ended
    }

    async fn begin(stack: &'a Stack, plan: Plan, index: usize) -> Result<Self> {
        let name = format!("{}-{index}", plan.seed);
        let api = stack.api();
        let create = || {
            let request = api.request(Method::POST, "/api/sessions").header("idempotency-key", &name);
            request.json(&json!({ "workspace": "/workspace/project" }))
        };
        let (answer, repeats) = insist(&api, create).await?;
        let created = answer.expect(201)?;
        let id = created["id"].as_str().context("a session has an id")?;
        let mut story = Story::begin();
        story.tell(format_args!("created {id}"));
        // Here it waits for a place for its sandbox.
        let session = Session::reopen(stack, id).await;
        let services = stack.services()?;
        Ok(Self {
            stack,
            follower: Watcher::follower(stack.api(), id),
            socket: Watcher::socket(stack.api(), id),
            session,
            services,
            name,
            accepted: Vec::new(),
            cuts: Vec::new(),
            repeats,
            story,
        })
    }

    async fn run(&mut self, scripts: &[Script], progress: &impl Fn()) -> Result<()> {
        for script in scripts {
            self.submit(script).await?;
            self.suffer(script).await?;
            if !script.hurried {
                self.answered().await?;
            }
            progress();
        }
        self.answered().await?;
        self.rests().await
    }

    /// Sends a prompt, twice at once if the script wants it; all answers must be one.
    async fn submit(&mut self, script: &Script) -> Result<()> {
        let client_id = format!("{}-{}", self.name, self.accepted.len());
        let (first, second) = match script.doubled {
            true => {
                let (first, second) =
                    tokio::join!(self.send(&client_id, &script.prompt), self.send(&client_id, &script.prompt));
                (first?, Some(second?))
            }
            false => (self.send(&client_id, &script.prompt).await?, None),
        };
        let mut told = first.0;
        self.repeats += first.1;
        if let Some((second, repeats)) = second {
            ensure!(ids(&told) == ids(&second), "a repeat of {client_id} got another answer: {told} and {second}");
            self.repeats += repeats + 1;
        }
        let accepted = Accepted {
            turn: told["turn"].as_u64().context("a turn has a number")?,
            message_id: text(&told["message"]["id"])?,
            answer_id: text(&told["answer_id"])?,
            script: script.clone(),
        };
        self.story.tell(format_args!("turn {} accepted: {}", accepted.turn, script.prompt));
        drop(told.take());
        self.accepted.push(accepted);
        Ok(())
    }

    async fn send(&self, client_id: &str, content: &str) -> Result<(Value, u64)> {
        let path = self.session.path("/messages");
        let body = json!({ "content": content, "client_id": client_id });
        let send = || self.session.api.request(Method::POST, &path).json(&body);
        let (answer, repeats) = insist(&self.session.api, send).await?;
        Ok((answer.expect(202)?, repeats))
    }

    /// Waits for the script's moment and makes its cut.
    async fn suffer(&mut self, script: &Script) -> Result<()> {
        let Some(newest) = self.accepted.last().cloned() else { return Ok(()) };
        if script.cut == Cut::Nothing {
            return Ok(());
        }
        let turn = newest.turn;
        let reached = |record: &Record| match script.moment {
            Moment::Accepted => true,
            Moment::Begun => is_over(record, &newest) || of_turn(record, turn) > 1,
            Moment::Events(count) => is_over(record, &newest) || of_turn(record, turn) > count + 2,
            Moment::Over => is_over(record, &newest),
        };
        // A prompt that is to be taken back must still wait.
        if script.cut != Cut::CancelQueued {
            let waited = self.follower.until(reached).await;
            waited.with_context(|| format!("turn {turn} did not come to {:?}", script.moment))?;
            tokio::time::sleep(std::time::Duration::from_millis(script.pause_ms)).await;
        }
        let legs =
            Legs { session: &self.session, services: &self.services, follower: &self.follower, socket: &self.socket };
        match legs.cut(script.cut, &newest.message_id).await? {
            Some(done) => {
                self.story.tell(format_args!("{} at {:?} of turn {turn}: {done}", script.cut.name(), script.moment));
                self.cuts.push(script.cut);
            }
            None => self.story.tell(format_args!("{}: there was none", script.cut.name())),
        }
        Ok(())
    }

    /// Waits until every prompt so far has come to its end.
    async fn answered(&mut self) -> Result<()> {
        for accepted in &self.accepted {
            let over = self.follower.until(|record| is_over(record, accepted)).await;
            over.with_context(|| format!("turn {} has no end", accepted.turn))?;
        }
        Ok(())
    }

    /// Checks that nothing transient is left when all is answered.
    async fn rests(&self) -> Result<()> {
        let path = format!("/api/sessions/{}", self.session.id);
        let (answer, _) = insist(&self.session.api, || self.session.api.request(Method::GET, &path)).await?;
        let view = answer.expect(200)?;
        ensure!(view["status"] == "idle" && view["queue"] == json!([]), "all is answered, but the session is {view}");
        Ok(())
    }

    /// Terminates the session, takes in what is left of it, and checks that.
    async fn end(mut self, led: Result<()>, ended: &mut Ended) {
        if let Err(error) = led {
            ended.violations.push(format!("{error:#}"));
            let seen = self.follower.record();
            ended.outline = outline(&seen);
        }
        match self.bury().await {
            Ok(remains) => {
                ended.violations.extend(check(&remains));
                ended.outline = outline(&remains.stored);
                ended.count(&remains);
            }
            Err(error) => ended.violations.push(format!("{error:#}")),
        }
        ended.cuts = self.cuts;
        ended.repeats = self.repeats;
        ended.story = self.story.told();
    }

    async fn bury(&mut self) -> Result<Remains> {
        let path = format!("/api/sessions/{}", self.session.id);
        let (answer, _) = insist(&self.session.api, || self.session.api.request(Method::DELETE, &path)).await?;
        answer.expect(200)?;
        self.story.tell("terminated");
        let follower = self.follower.ended().await.context("the SSE viewer")?;
        let socket = self.socket.ended().await.context("the socket viewer")?;
        self.story.tell("both viewers were told");
        for (accepted, index) in self.accepted.iter().zip(0..) {
            let again = self.send(&format!("{}-{index}", self.name), &accepted.script.prompt).await?.0;
            let first = (Some(accepted.message_id.as_str()), Some(accepted.answer_id.as_str()));
            ensure!(ids(&again) == first, "a late repeat of turn {} got another answer: {again}", accepted.turn);
        }
        let stored = self.stored().await.context("the stored log")?;
        let history = self.history().await?;
        for task in crate::Task::all_of(self.stack.home(), &self.session.id)? {
            task.ended().await.with_context(|| format!("task {} is left over", task.id))?;
        }
        Ok(Remains { follower, socket, stored, history, accepted: self.accepted.clone() })
    }

    /// The log as anybody reads it who comes after the end.
    async fn stored(&self) -> Result<Record> {
        let mut late = Watcher::follower(self.session.api.clone(), &self.session.id);
        Ok(late.ended().await?.record)
    }

    async fn history(&self) -> Result<Vec<Value>> {
        let (mut messages, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = self.session.path(&format!("/messages?limit=50{cursor}"));
            let (answer, _) = insist(&self.session.api, || self.session.api.request(Method::GET, &path)).await?;
            let page = answer.expect(200)?;
            messages.extend(page["messages"].as_array().context("a page has messages")?.clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(messages),
            }
        }
    }
}

/// Whether a prompt has come to its end: answered, or taken back while it waited.
fn is_over(record: &Record, accepted: &Accepted) -> bool {
    let ended = record.0.iter().any(|seen| seen.ends_turn() && seen.turn() == Some(accepted.turn));
    ended || is_taken_back(record, accepted)
}

/// Whether the prompt has left the queue without a turn.
pub(super) fn is_taken_back(record: &Record, accepted: &Accepted) -> bool {
    if record.of("turn.started").any(|seen| seen.turn() == Some(accepted.turn)) {
        return false;
    }
    let queues = record.of("queue.updated").filter_map(|seen| seen.value["message_ids"].as_array());
    let waits: Vec<bool> = queues.map(|queue| queue.iter().any(|id| *id == *accepted.message_id)).collect();
    waits.contains(&true) && waits.last() == Some(&false)
}

fn of_turn(record: &Record, turn: u64) -> usize {
    record.0.iter().filter(|seen| seen.turn() == Some(turn)).count()
}

fn ids(told: &Value) -> (Option<&str>, Option<&str>) {
    (told["message"]["id"].as_str(), told["answer_id"].as_str())
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("an id is text")?.to_owned())
}
