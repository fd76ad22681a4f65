//! Keeps the line open: connects again, repeats what was not acknowledged, shows signs of life.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use wire::runner::{Ack, FRAME_BYTES_MAX, FromRunner, INVALID_FRAME, ToRunner, Welcome};

use super::backoff::Backoff;
use super::link::{FromLink, LinkConfig, Outgoing};
use super::outbox::Outbox;
use super::socket::{NotOpen, Socket};
use crate::limits::{ACK_WAIT, ANSWER_WAIT, REFUSED_WAIT, SOCKET_LIFE};
use crate::net;

/// The line with what waits for it.
pub(super) struct Keeper {
    config: Arc<LinkConfig>,
    api: reqwest::Client,
    outbox: Outbox,
    from_driver: mpsc::UnboundedReceiver<Outgoing>,
    to_driver: mpsc::UnboundedSender<FromLink>,
    settled: Arc<watch::Sender<bool>>,
    full: bool,
    /// Frames that wait for a connection; whoever sent them repeats them.
    frames: Vec<FromRunner>,
    backoff: Backoff,
}

/// Why a connection is over.
enum End {
    Lost,
    /// Its time is up; nothing was wrong.
    Renew,
    /// The driver is gone, or the relay wants no more of this runner.
    Over,
}

/// One connection's clocks and what it waits for.
struct Session {
    socket: Socket,
    renew_at: Instant,
    /// Set once the relay has said where the log is.
    heartbeat: Option<(Duration, Instant)>,
    /// By when the relay must have said something.
    answer_by: Option<Instant>,
    /// When the batch in flight is to be sent again.
    repeat_at: Option<Instant>,
    /// A batch on its way by HTTP.
    post: Option<BoxFuture<'static, Option<ToRunner>>>,
}

impl Keeper {
    pub(super) fn new(
        config: LinkConfig,
        from_driver: mpsc::UnboundedReceiver<Outgoing>,
        to_driver: mpsc::UnboundedSender<FromLink>,
        settled: Arc<watch::Sender<bool>>,
    ) -> Self {
        let outbox = Outbox::new(config.epoch);
        Self {
            config: Arc::new(config),
            api: net::http(),
            outbox,
            from_driver,
            to_driver,
            settled,
            full: false,
            frames: Vec::new(),
            backoff: Backoff::default(),
        }
    }

    /// Keeps a connection open until the driver is gone or the relay says to stop.
    pub(super) async fn run(mut self) {
        loop {
            let end = match self.open().await {
                Some(Ok(socket)) => self.attend(socket).await,
                Some(Err(NotOpen::Failed)) => End::Lost,
                Some(Err(NotOpen::Refused)) => self.stop("the relay refused the runner's token"),
                None => End::Over,
            };
            match end {
                End::Lost => {
                    let pause = self.backoff.pause();
                    warn!(pause_ms = pause.as_millis() as u64, "no line to the relay; trying again");
                    let until = Instant::now() + pause;
                    if self.buffer_until(sleep_until(until)).await.is_none() {
                        return;
                    }
                }
                End::Renew => info!("renewing the socket before its time is up"),
                End::Over => return,
            }
        }
    }

    /// Connects while the driver's events are buffered; `None` when the driver is gone.
    async fn open(&mut self) -> Option<Result<Socket, NotOpen>> {
        let config = self.config.clone();
        self.buffer_until(async move { Socket::open(&config).await }).await
    }

    async fn buffer_until<T>(&mut self, done: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(done);
        loop {
            tokio::select! {
                result = &mut done => return Some(result),
                outgoing = self.from_driver.recv() => self.take(outgoing?),
            }
        }
    }

    /// Serves one connection to its end.
    async fn attend(&mut self, socket: Socket) -> End {
        let now = Instant::now();
        let mut session = Session {
            socket,
            renew_at: now + SOCKET_LIFE,
            heartbeat: None,
            answer_by: Some(now + ANSWER_WAIT),
            repeat_at: None,
            post: None,
        };
        if !session.socket.send(&FromRunner::Hello { epoch: self.config.epoch }).await {
            return End::Lost;
        }
        loop {
            let next = session.next_deadline(&self.outbox);
            let end = tokio::select! {
                outgoing = self.from_driver.recv() => match outgoing {
                    Some(outgoing) => {
                        self.take(outgoing);
                        self.send_due(&mut session).await
                    }
                    None => Some(End::Over),
                },
                frame = session.socket.next() => match frame {
                    Some(frame) => self.receive(frame, &mut session).await,
                    None => Some(End::Lost),
                },
                answer = posted(&mut session.post) => self.receive_posted(answer, &mut session).await,
                () = sleep_until(next) => self.tick(&mut session).await,
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Takes the driver's events into the outbox, all that are there.
    fn take(&mut self, first: Outgoing) {
        let mut next = Some(first);
        while let Some(outgoing) = next {
            match outgoing {
                Outgoing::Entry(entry) => self.outbox.push(entry, Instant::now()),
                Outgoing::Finish(outcome) => self.outbox.finish(outcome),
                Outgoing::Frame(frame) if self.frames.contains(&frame) => {}
                Outgoing::Frame(frame) => self.frames.push(frame),
            }
            next = self.from_driver.try_recv().ok();
        }
        let full = self.outbox.is_full();
        if full && !self.full {
            self.tell(FromLink::Full);
        }
        self.full = full;
    }

    async fn receive(&mut self, frame: ToRunner, session: &mut Session) -> Option<End> {
        match frame {
            ToRunner::Welcome(welcome) => self.welcomed(welcome, session),
            ToRunner::Ack(Ack { batch, head, watched, turn }) => {
                self.outbox.acked(batch, head);
                self.outbox.watched(watched);
                self.settle();
                turn.into_iter().for_each(|turn| self.tell(FromLink::Turn(turn)));
            }
            ToRunner::Alive(alive) => alive.turn.into_iter().for_each(|turn| self.tell(FromLink::Turn(turn))),
            ToRunner::Watched {} => self.outbox.watched(true),
            ToRunner::Turn(turn) => self.tell(FromLink::Turn(turn)),
            ToRunner::Stop { reason } => return Some(self.stop(&reason)),
            ToRunner::Error(error) => {
                warn!(code = error.code, "the relay did not carry out a frame");
                if error.code == INVALID_FRAME {
                    return Some(self.stop("the relay does not understand this runner"));
                }
                if session.heartbeat.is_none() {
                    return Some(End::Lost);
                }
                session.repeat_at = Some(Instant::now() + REFUSED_WAIT);
            }
            other => self.tell(FromLink::Frame(other)),
        }
        // Before its welcome a connection is of no use, whatever else comes over it.
        if session.heartbeat.is_some() {
            session.answer_by = None;
        }
        self.send_due(session).await
    }

    fn welcomed(&mut self, welcome: Welcome, session: &mut Session) {
        let (now, pause) = (Instant::now(), Duration::from_secs(welcome.heartbeat_seconds.max(1)));
        session.heartbeat = Some((pause, now + pause));
        // What was in flight on the connection before goes again.
        session.repeat_at = Some(now);
        self.backoff = Backoff::default();
        self.outbox.welcomed(welcome.last_batch, welcome.head);
        self.settle();
        self.tell(FromLink::Welcome(Box::new(welcome)));
    }

    /// Tells whoever flushes whether all is acknowledged.
    fn settle(&self) {
        self.settled.send_replace(self.outbox.is_empty() && self.from_driver.is_empty());
    }

    async fn receive_posted(&mut self, answer: Option<ToRunner>, session: &mut Session) -> Option<End> {
        session.post = None;
        match answer {
            Some(frame) => self.receive(frame, session).await,
            // The repeat has its own clock.
            None => None,
        }
    }

    /// Does what is due by the clock.
    async fn tick(&mut self, session: &mut Session) -> Option<End> {
        let now = Instant::now();
        if session.answer_by.is_some_and(|by| by <= now) {
            warn!("the relay is silent; connecting anew");
            return Some(End::Lost);
        }
        if session.renew_at <= now {
            return Some(End::Renew);
        }
        if let Some((pause, at)) = session.heartbeat.filter(|(_, at)| *at <= now) {
            session.heartbeat = Some((pause, at + pause));
            session.answer_by.get_or_insert(now + ANSWER_WAIT);
            if !session.socket.send(&FromRunner::Heartbeat { epoch: self.config.epoch }).await {
                return Some(End::Lost);
            }
        }
        self.send_due(session).await
    }

    /// Sends the frames that wait, and the next batch if it may go, or the one in flight if it is
    /// overdue.
    async fn send_due(&mut self, session: &mut Session) -> Option<End> {
        let now = Instant::now();
        if session.heartbeat.is_some() {
            for frame in self.frames.drain(..) {
                if !session.socket.send(&frame).await {
                    return Some(End::Lost);
                }
            }
        }
        let fresh = self.outbox.due(now).is_some_and(|due| due <= now);
        let again = self.outbox.in_flight() && session.repeat_at.is_some_and(|at| at <= now);
        if session.heartbeat.is_none() || session.post.is_some() || !(fresh || again) {
            return None;
        }
        let append = self.outbox.batch(now)?.clone();
        session.repeat_at = Some(now + ACK_WAIT);
        let frame = FromRunner::Append(append);
        let json = serde_json::to_string(&frame).expect("frames are plain data");
        if json.len() > FRAME_BYTES_MAX {
            session.post = Some(self.post(json));
            return None;
        }
        (!session.socket.send_json(json).await).then_some(End::Lost)
    }

    /// Posts what is too large for a frame; `None` when it is to be tried again.
    fn post(&self, json: String) -> BoxFuture<'static, Option<ToRunner>> {
        let url = format!("{}/agent/sessions/{}/append", self.config.api_url, self.config.session);
        let request = self.api.post(url).bearer_auth(&self.config.token).timeout(ANSWER_WAIT);
        let request = request.header(http::header::CONTENT_TYPE, "application/json").body(json);
        async move {
            let answer = request.send().await.ok()?;
            match answer.status().as_u16() {
                200 => answer.json().await.ok(),
                401 | 403 | 410 => Some(ToRunner::Stop { reason: "the relay refused the runner's token".to_owned() }),
                // The same batch would be refused for ever, and none may come before it.
                400 | 413 | 422 => Some(ToRunner::Stop { reason: "the relay refuses a batch for good".to_owned() }),
                status => {
                    warn!(status, "an append by HTTP was not carried out");
                    None
                }
            }
        }
        .boxed()
    }

    fn stop(&self, reason: &str) -> End {
        self.tell(FromLink::Stop { reason: reason.to_owned() });
        End::Over
    }

    fn tell(&self, what: FromLink) {
        // A driver that is gone is noticed by the other channel.
        let _ = self.to_driver.send(what);
    }
}

impl Session {
    fn next_deadline(&self, outbox: &Outbox) -> Instant {
        let now = Instant::now();
        let welcomed = self.heartbeat.is_some() && self.post.is_none();
        let due = outbox.due(now).filter(|_| welcomed);
        let repeat = self.repeat_at.filter(|_| welcomed && outbox.in_flight());
        let heartbeat = self.heartbeat.map(|(_, at)| at);
        [due, repeat, heartbeat, self.answer_by].into_iter().flatten().fold(self.renew_at, Instant::min)
    }
}

async fn posted(post: &mut Option<BoxFuture<'static, Option<ToRunner>>>) -> Option<ToRunner> {
    match post {
        Some(post) => post.await,
        None => std::future::pending().await,
    }
}
