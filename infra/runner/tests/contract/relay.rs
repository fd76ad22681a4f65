//! The relay as the runner sees it, scripted: a log in memory, behind a socket and an HTTP route.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use domain::event::{Entry, EventBody};
use domain::session::Outcome;
use domain::{MessageId, SessionId};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use wire::runner::{Ack, Alive, Append, FRAME_BYTES_MAX, FromRunner, ToRunner, Turn, Welcome};

/// Longer than anything here takes on a loaded machine: starting OpenCode took 11 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// The scripted relay.
#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) session: SessionId,
    pub(crate) socket_url: String,
    pub(crate) api_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    session: SessionId,
    state: Mutex<Log>,
    changed: watch::Sender<()>,
}

/// All that the runner has delivered.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    pub(crate) outcomes: Vec<Outcome>,
    /// Appends as they came, repeats included.
    pub(crate) appends: Vec<(u64, Via)>,
    pub(crate) hellos: u32,
    last_batch: u64,
    turns: u64,
    turn: Option<Turn>,
    socket: Option<mpsc::UnboundedSender<ToRunner>>,
    /// Acknowledgements that get lost on their way.
    acks_to_lose: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    Socket,
    Http,
}

impl Relay {
    pub(crate) async fn start() -> Self {
        let session = SessionId::mint(Timestamp::now());
        let shared = Arc::new(Shared { session, state: Mutex::default(), changed: watch::Sender::new(()) });
        let (socket, socket_at) = listen().await;
        let (api, api_at) = listen().await;
        let route = post(append).layer(DefaultBodyLimit::max(domain::limits::APPEND_BYTES_MAX));
        let router = Router::new().route("/agent/sessions/{id}/append", route).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(api, router).await });
        tokio::spawn(accept(socket, shared.clone()));
        let (socket_url, api_url) = (format!("ws://{socket_at}/live"), format!("http://{api_at}"));
        Self { session, socket_url, api_url, shared }
    }

    /// Takes a prompt in hand and tells the runner, twice: it may be told more than once.
    pub(crate) fn prompt(&self, content: &str) -> Turn {
        let mut log = self.shared.state.lock().unwrap();
        log.turns += 1;
        let mint = || MessageId::mint(Timestamp::now());
        let turn = Turn {
            number: log.turns,
            message_id: mint(),
            answer_id: mint(),
            content: content.to_owned(),
            attachments: Vec::new(),
            traceparent: None,
            abort: false,
        };
        log.turn = Some(turn.clone());
        log.send(ToRunner::Turn(turn.clone()));
        log.send(ToRunner::Turn(turn.clone()));
        turn
    }

    pub(crate) fn send(&self, frame: ToRunner) {
        self.shared.state.lock().unwrap().send(frame);
    }

    /// Closes the socket; the runner has to come back.
    pub(crate) fn cut(&self) {
        self.shared.state.lock().unwrap().socket = None;
    }

    pub(crate) fn lose_acks(&self, count: u32) {
        self.shared.state.lock().unwrap().acks_to_lose = count;
    }

    /// Waits until the log shows what `find` looks for.
    pub(crate) async fn until<T>(&self, what: &str, find: impl Fn(&Log) -> Option<T>) -> T {
        let mut changed = self.shared.changed.subscribe();
        let waiting = async {
            loop {
                if let Some(found) = find(&self.shared.state.lock().unwrap()) {
                    return found;
                }
                changed.changed().await.unwrap();
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("waited in vain for {what}: {}", self.story()))
    }

    /// Waits for the end of a turn.
    pub(crate) async fn outcome(&self, turn: &Turn) -> Outcome {
        let ended = |log: &Log| log.outcomes.iter().find(|outcome| outcome.turn == turn.number).cloned();
        self.until("the end of the turn", ended).await
    }

    /// The events of a turn.
    pub(crate) fn events(&self, turn: &Turn) -> Vec<EventBody> {
        let log = self.shared.state.lock().unwrap();
        log.entries.iter().filter(|entry| entry.turn == Some(turn.number)).map(|entry| entry.body.clone()).collect()
    }

    pub(crate) fn read<T>(&self, read: impl Fn(&Log) -> T) -> T {
        read(&self.shared.state.lock().unwrap())
    }

    /// The names of the last events, for a failure's message.
    fn story(&self) -> String {
        let log = self.shared.state.lock().unwrap();
        let names: Vec<_> = log.entries.iter().rev().take(12).map(|entry| entry.body.name()).collect();
        format!("{} hellos, last events first: {names:?}", log.hellos)
    }
}

impl Shared {
    fn receive(&self, frame: FromRunner, via: Via) -> Option<ToRunner> {
        let mut log = self.state.lock().unwrap();
        let answer = if let FromRunner::Append(append) = frame {
            log.append(append, via).map(ToRunner::Ack)
        } else if matches!(frame, FromRunner::Hello { .. }) {
            log.hellos += 1;
            Some(ToRunner::Welcome(log.welcome(self.session)))
        } else {
            Some(ToRunner::Alive(Alive { turn: log.turn.clone() }))
        };
        drop(log);
        self.changed.send_replace(());
        answer
    }
}

impl Log {
    fn append(&mut self, append: Append, via: Via) -> Option<Ack> {
        self.appends.push((append.batch, via));
        if append.batch > self.last_batch {
            assert_eq!(append.batch, self.last_batch + 1, "batches come in order");
            assert_eq!(append.after as usize, self.entries.len(), "a new batch goes behind the last acknowledged head");
            self.last_batch = append.batch;
            self.entries.extend(append.events);
            if let Some(outcome) = append.finish {
                self.turn = None;
                self.outcomes.push(outcome);
            }
        }
        if self.acks_to_lose > 0 {
            self.acks_to_lose -= 1;
            return None;
        }
        Some(Ack { batch: append.batch, head: self.entries.len() as u64, watched: true, turn: None })
    }

    fn welcome(&self, id: SessionId) -> Welcome {
        let permissions = serde_json::json!({"bash": "ask"});
        let welcome = serde_json::json!({
            "session": {"id": id, "title": "Contract", "workspace": "/workspace/demo", "model": null, "permissions": permissions},
            "head": self.entries.len(),
            "last_batch": self.last_batch,
            "turn": self.turn,
            "heartbeat_seconds": 2,
        });
        serde_json::from_value(welcome).unwrap()
    }

    fn send(&self, frame: ToRunner) {
        if let Some(socket) = &self.socket {
            // A socket that just closed is the runner's to notice.
            let _ = socket.send(frame);
        }
    }
}

async fn append(State(shared): State<Arc<Shared>>, Json(frame): Json<FromRunner>) -> Json<Option<ToRunner>> {
    Json(shared.receive(frame, Via::Http))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, shared.clone()));
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let (sender, mut frames) = mpsc::unbounded_channel();
    shared.state.lock().unwrap().socket = Some(sender);
    loop {
        let answer = tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => Some(frame),
                None => return,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    assert!(text.len() <= FRAME_BYTES_MAX, "a frame of {} bytes would close AWS's socket", text.len());
                    shared.receive(serde_json::from_str(&text).unwrap(), Via::Socket)
                }
                Some(Ok(_)) => None,
                _ => return,
            },
        };
        if let Some(answer) = answer {
            let text = serde_json::to_string(&answer).unwrap();
            if socket.send(Message::text(text)).await.is_err() {
                return;
            }
        }
    }
}

async fn listen() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}
