//! A runner without an agent: it says what a benchmark wants it to say, over the real socket.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use domain::event::EventBody;
use domain::{Epoch, MessageId};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tests::{Api, Stack, Task};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use wire::runner::{Append, FromRunner, INVALID_FRAME, ToRunner, Turn};

use crate::machine;
use crate::viewer::Socket;

/// What should take milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// Silence after which a frame is sent again, as the real runner does: AWS answers a message that
/// finds no environment free with an error of its own and forgets it.
const ACK_WAIT: Duration = Duration::from_secs(1);

pub(crate) struct FakeRunner {
    socket: Socket,
    epoch: Epoch,
    batch: u64,
    head: u64,
    turn: Turn,
    repeats: usize,
}

impl FakeRunner {
    /// Sends a message to a session, and comes in place of the sandbox that this starts.
    pub(crate) async fn begin(stack: &Stack, session: &str) -> Result<Self> {
        let api: Api = stack.api();
        let path = format!("/agent/sessions/{session}/messages");
        api.post(&path, &json!({ "content": "bench" })).await?.expect(202)?;
        let given = variables(stack, session).await?;
        let get = |name: &str| {
            let found = given.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            found.with_context(|| format!("the task was not given {name}"))
        };
        let url = format!("{}?session={session}", get("SOCKET_URL")?);
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {}", get("RUNNER_TOKEN")?).parse()?);
        let (mut socket, _) = tokio_tungstenite::connect_async_with_config(request, None, true).await?;
        let epoch: Epoch = get("EPOCH")?.parse()?;
        let (mut turn, mut head) = (None, None);
        // A turn may come before the welcome or in it.
        let ((head, turn), repeats) = ask(&mut socket, &FromRunner::Hello { epoch }, |frame| {
            match frame {
                ToRunner::Welcome(welcome) => {
                    head = Some(welcome.head);
                    turn = turn.take().or(welcome.turn);
                }
                ToRunner::Turn(given) => turn = Some(given),
                _ => {}
            }
            Ok(head.zip(turn.clone()))
        })
        .await?;
        Ok(Self { socket, epoch, batch: 0, head, turn, repeats })
    }

    /// Frames that had to be sent again.
    pub(crate) fn repeats(&self) -> usize {
        self.repeats
    }

    /// Says a piece of text in a batch of its own and waits for the acknowledgement.
    pub(crate) async fn say(&mut self, text: String) -> Result<()> {
        let message_id: MessageId = self.turn.answer_id;
        let body = EventBody::TextDelta { message_id, part_id: "prt_bench".to_owned(), delta: text };
        let events = vec![body.in_turn(self.turn.number)];
        self.batch += 1;
        let append = Append {
            epoch: self.epoch,
            batch: self.batch,
            after: self.head,
            events,
            finish: None,
            waited_ms: 0,
            first_words: false,
        };
        let batch = self.batch;
        let (head, repeats) = ask(&mut self.socket, &FromRunner::Append(append), |frame| match frame {
            ToRunner::Ack(ack) if ack.batch == batch => Ok(Some(ack.head)),
            ToRunner::Error(error) if error.code == INVALID_FRAME => bail!("a batch was refused: {}", error.message),
            ToRunner::Stop { reason } => bail!("the runner was sent away: {reason}"),
            _ => Ok(None),
        })
        .await?;
        (self.head, self.repeats) = (head, self.repeats + repeats);
        Ok(())
    }

    /// Says pieces at an even pace for a time; each is made right before it goes.
    pub(crate) async fn talk(&mut self, pause: Duration, time: Duration, piece: impl Fn() -> String) -> Result<()> {
        let began = Instant::now();
        let mut tick = tokio::time::interval(pause);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while began.elapsed() < time {
            tick.tick().await;
            self.say(piece()).await?;
        }
        Ok(())
    }
}

/// Sends a frame until the relay has said what is waited for; how often it went again.
async fn ask<T>(
    socket: &mut Socket,
    frame: &FromRunner,
    mut hear: impl FnMut(ToRunner) -> Result<Option<T>>,
) -> Result<(T, usize)> {
    let json = serde_json::to_string(frame)?;
    let mut repeats = 0;
    let answered = async {
        loop {
            socket.send(Message::text(json.clone())).await?;
            let heard = timeout(ACK_WAIT, async {
                loop {
                    if let Some(heard) = hear(next(socket).await?)? {
                        return anyhow::Ok(heard);
                    }
                }
            });
            if let Ok(heard) = heard.await {
                return Ok((heard?, repeats));
            }
            repeats += 1;
        }
    };
    timeout(PATIENCE, answered).await.context("the relay is silent")?
}

async fn next(socket: &mut Socket) -> Result<ToRunner> {
    loop {
        match socket.next().await.context("the relay hung up")?? {
            Message::Text(text) => {
                // The gateway's own complaint is none of the relay's frames.
                if let Ok(frame) = serde_json::from_str(&text) {
                    return Ok(frame);
                }
            }
            Message::Close(frame) => bail!("the relay hung up: {frame:?}"),
            _ => {}
        }
    }
}

/// What the session's sandbox was started with.
async fn variables(stack: &Stack, session: &str) -> Result<Vec<(String, String)>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        for task in Task::all_of(stack.home(), session)? {
            for process in task.processes()? {
                let variables = machine::environment(process.pid);
                if variables.iter().any(|(name, _)| name == "RUNNER_TOKEN") {
                    return Ok(variables);
                }
            }
        }
        if Instant::now() > deadline {
            bail!("no sandbox was started for {session}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
