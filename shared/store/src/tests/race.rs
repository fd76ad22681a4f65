//! Many tasks at once do to a few sessions whatever may be done to them, in an
//! order that nobody chose: relays, runners of the present and of the past,
//! repeats, lost acknowledgements, the sweeper, the archive. Afterwards the
//! invariants must hold.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use domain::message::TurnError;
use domain::session::{Change, Runner, SweepStep, sweep};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

const SESSIONS: usize = 6;
const ACTORS: u64 = 12;
/// Of a round, which begins with new sessions: a reader's work grows with the log.
const STEPS: u64 = 6_000;
/// `RACE_STEPS`, of all rounds together, and `RACE_SEED` override these.
const SEED: u64 = 1;
/// Sessions that are terminated on the way, as a rule: the others live to the end.
const TERMINATIONS: u64 = 3;

/// What the outside world was told of one session.
#[derive(Default)]
struct Told {
    /// Batches that were acknowledged, by epoch and number.
    batches: HashSet<(u64, u64)>,
    /// Prompts that were accepted, by client id.
    accepted: HashMap<String, MessageId>,
    /// Runners by epoch. Those of the past do not know that they are.
    runners: BTreeMap<u64, Arc<Runs>>,
}

/// A runner: one batch in flight, the same again until it is acknowledged.
type Runs = tokio::sync::Mutex<Flight>;

#[derive(Clone, Copy)]
struct Flight {
    batch: u64,
    after: u64,
}

struct World {
    store: Store,
    owner: UserId,
    sessions: Vec<SessionId>,
    told: Vec<Mutex<Told>>,
    steps: u64,
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariants_hold_in_every_interleaving_tried() {
    let (steps, seed) = (setting("RACE_STEPS", STEPS), setting("RACE_SEED", SEED));
    for round in 0..steps.div_ceil(STEPS) {
        race(steps.min(STEPS), seed + round).await;
    }
}

async fn race(steps: u64, seed: u64) {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let session = Session::new(owner, NewSession::default(), at(0));
        store.create_session(&session, None, at(0)).await.unwrap();
        sessions.push(session.id);
    }
    let told = sessions.iter().map(|_| Mutex::default()).collect();
    let world = Arc::new(World { store, owner, sessions, told, steps });
    let actors = (0..ACTORS).map(|actor| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let mut rng = StdRng::seed_from_u64(seed * 1_000 + actor);
            for _ in 0..steps / ACTORS {
                world.act(&mut rng).await;
            }
        })
    });
    for actor in join_all(actors.collect::<Vec<_>>()).await {
        actor.unwrap();
    }
    for which in 0..SESSIONS {
        world.check(which).await;
    }
}

impl World {
    async fn read(&self, which: usize) -> (Session, u64) {
        self.store.session_and_head(self.owner, self.sessions[which]).await.unwrap().unwrap()
    }

    fn told(&self, which: usize) -> std::sync::MutexGuard<'_, Told> {
        self.told[which].lock().unwrap()
    }

    async fn act(&self, rng: &mut StdRng) {
        let which = rng.random_range(0..SESSIONS);
        match rng.random_range(0..100) {
            0..14 => self.submit(which, rng).await,
            14..24 => self.hello(which).await,
            24..70 => self.append(which, rng).await,
            70..84 => self.finish(which, rng).await,
            84..86 => self.abort(which).await,
            86..89 => self.cancel_or_edit(which, rng).await,
            89..92 => self.lose(which, rng).await,
            92..94 => self.sweep(which, rng).await,
            94..96 => drop(self.change(which, |s, _| s.runner_leaves(s.epoch, at(9)).ok().flatten()).await),
            96..97 => self.archive(which).await,
            97..99 => self.look(which, rng).await,
            _ if rng.random_range(0..self.steps) < TERMINATIONS * 100 => self.terminate(which).await,
            _ => {}
        }
    }

    async fn abort(&self, which: usize) {
        let (session, head) = self.read(which).await;
        let next = self.next(&session).await;
        if let Some(change) = session.abort(next.as_ref(), at(9)) {
            self.attempt(&change, head).await;
        }
    }

    async fn terminate(&self, which: usize) {
        let (session, head) = self.read(which).await;
        let parts = self.store.parts_so_far(&session).await.unwrap();
        if let Some(change) = session.terminate(parts, at(9)) {
            self.attempt(&change, head).await;
        }
    }

    /// The schedule looks at a session, at a time when its deadlines may have passed.
    async fn sweep(&self, which: usize, rng: &mut StdRng) {
        let (session, head) = self.read(which).await;
        let later = at(if rng.random_bool(0.5) { 10 } else { 1_000 });
        match sweep(&session, None, true, later) {
            SweepStep::LoseRunner { code, message } => {
                let next = self.next(&session).await;
                let error = TurnError { code: code.into(), message: message.into() };
                let parts = self.store.parts_so_far(&session).await.unwrap();
                if let Some(change) = session.runner_lost(session.epoch, error, parts, next.as_ref(), later) {
                    self.attempt(&change, head).await;
                }
            }
            SweepStep::Forget => self.store.forget_live(&session).await.unwrap(),
            SweepStep::Leave | SweepStep::StartRunner => {}
        }
    }

    async fn archive(&self, which: usize) {
        let (session, _) = self.read(which).await;
        let end = session.turn.map_or(session.head, |turn| turn.after);
        self.store.archive(self.owner, session.id, end).await.unwrap();
    }

    /// Writes a change unless another writer is faster.
    async fn attempt(&self, change: &Change, head: u64) -> bool {
        match self.store.commit(commit(change, head)).await {
            Ok(_) => true,
            Err(CommitError::Raced) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// One attempt at a change, as a function makes it; a lost race is left.
    async fn change(&self, which: usize, decide: impl Fn(&Session, u64) -> Option<Change>) -> Option<Session> {
        let (session, head) = self.read(which).await;
        let change = decide(&session, head)?;
        self.attempt(&change, head).await.then_some(change.session)
    }

    async fn submit(&self, which: usize, rng: &mut StdRng) {
        let client_id = format!("c{}", rng.random_range(0..400));
        let request = Idempotency::new(client_id.clone(), b"same");
        let (session, head) = self.read(which).await;
        let asked = prompt(&session);
        let Ok(change) = session.submit(&asked, at(5)) else { return };
        let accepted = match self.store.commit(Commit { idempotency: Some(&request), ..commit(&change, head) }).await {
            Ok(_) => asked.message_id,
            Err(CommitError::Repeated) => {
                let first = self.store.first_answer(self.owner, session.id, &client_id).await.unwrap().unwrap();
                self.store.prompt(self.owner, session.id, first.turn).await.unwrap().unwrap().message_id
            }
            Err(CommitError::Raced) => return,
            Err(error) => panic!("{error:?}"),
        };
        let before = self.told(which).accepted.insert(client_id, accepted);
        assert!(before.is_none_or(|id| id == accepted), "one key, two messages");
    }

    async fn hello(&self, which: usize) {
        let Some(session) = self
            .change(which, |s, _| {
                let starting = matches!(s.runner, Runner::Starting { .. });
                s.runner_connected(s.epoch, "conn", at(9)).ok().filter(|_| starting)
            })
            .await
        else {
            return;
        };
        let head = self.store.last_seq(self.owner, session.id).await.unwrap();
        self.told(which).runners.insert(session.epoch, Arc::new(Runs::new(Flight { batch: 1, after: head })));
    }

    /// A runner of the present or the past sends its batch, now and then twice at once.
    async fn append(&self, which: usize, rng: &mut StdRng) {
        let Some((epoch, runs)) = self.some_runner(which, rng) else { return };
        let mut flight = runs.lock().await;
        let (text, id) = (format!("{epoch}.{}", flight.batch), self.sessions[which]);
        let send = || {
            let writer = runner(epoch, flight.batch);
            self.store.append(self.owner, id, writer, flight.after, deltas(&[&text]), at(5))
        };
        let sent = match rng.random_bool(0.2) {
            true => futures_util::future::join(send(), send()).await.1,
            false => send().await,
        };
        match sent {
            Ok(appended) => self.acknowledged(which, epoch, &mut flight, appended.head, rng),
            Err(AppendError::Fenced) => drop(self.told(which).runners.remove(&epoch)),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn some_runner(&self, which: usize, rng: &mut StdRng) -> Option<(u64, Arc<Runs>)> {
        let told = self.told(which);
        let skip = rng.random_range(0..told.runners.len().max(1));
        told.runners.iter().nth(skip).map(|(epoch, runs)| (*epoch, Arc::clone(runs)))
    }

    /// Every eighth acknowledgement is lost on the way.
    fn acknowledged(&self, which: usize, epoch: u64, flight: &mut Flight, head: u64, rng: &mut StdRng) {
        if rng.random_bool(0.125) {
            return;
        }
        self.told(which).batches.insert((epoch, flight.batch));
        *flight = Flight { batch: flight.batch + 1, after: head };
    }

    async fn finish(&self, which: usize, rng: &mut StdRng) {
        let Some((epoch, runs)) = self.some_runner(which, rng) else { return };
        let mut flight = runs.lock().await;
        let (session, head) = self.read(which).await;
        let Some(turn) = session.turn.clone() else { return };
        let next = self.next(&session).await;
        let parts = vec![Part::Text { id: "p".into(), text: turn.number.to_string() }];
        let answer = Message::answer(turn.answer_id, session.id, turn.number, parts, at(3));
        let outcome = Outcome { turn: turn.number, status: MessageStatus::Completed, answer };
        let Ok(Some(change)) = session.finish_turn(epoch, outcome, next.as_ref(), at(6)) else { return };
        let text = format!("{epoch}.{}", flight.batch);
        // A batch that was sent before has its place already: then it is not sent with the end again.
        if self.store.last_batch(&session, epoch).await.unwrap() >= flight.batch {
            return;
        }
        let closing = Commit { leading: deltas(&[&text]), batch: flight.batch, ..commit(&change, head) };
        match self.store.commit(closing).await {
            Ok(done) => {
                self.told(which).batches.insert((epoch, flight.batch));
                *flight = Flight { batch: flight.batch + 1, after: done.head };
            }
            Err(CommitError::Raced) => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn next(&self, session: &Session) -> Option<Prompt> {
        match session.next_queued() {
            Some(next) => self.store.prompt(self.owner, session.id, next).await.unwrap(),
            None => None,
        }
    }

    async fn cancel_or_edit(&self, which: usize, rng: &mut StdRng) {
        let (session, _) = self.read(which).await;
        let Some(queued) = session.queue.last().copied() else { return };
        let Some(prompt) = self.store.prompt(self.owner, session.id, queued.turn).await.unwrap() else { return };
        let edit = rng.random_bool(0.5);
        self.change(which, |s, _| match edit {
            true => s.edit_queued(&Prompt { content: "edited".into(), ..prompt.clone() }, at(7)).ok(),
            false => s.cancel_queued(queued.message_id, at(7)).ok(),
        })
        .await;
    }

    async fn lose(&self, which: usize, rng: &mut StdRng) {
        let (session, head) = self.read(which).await;
        let epoch = session.epoch - u64::from(rng.random_bool(0.3) && session.epoch > 0);
        let next = self.next(&session).await;
        let error = TurnError { code: "runner_lost".into(), message: "lost".into() };
        let parts = self.store.parts_so_far(&session).await.unwrap();
        if let Some(change) = session.runner_lost(epoch, error, parts, next.as_ref(), at(8)) {
            self.attempt(&change, head).await;
        }
    }

    /// A reader that comes at any time and place sees numbers without a gap, and
    /// the same in the archive as in the log.
    async fn look(&self, which: usize, rng: &mut StdRng) {
        let (session, head) = self.read(which).await;
        let after = rng.random_range(0..=head);
        let mut log = LogReader::new(self.owner, session.id, after);
        let read = log.read(&self.store).await.unwrap();
        assert!(read.iter().zip(after + 1..).all(|(event, seq)| event.seq == seq));
        let plain = LogReader::recent(self.owner, session.id, after).read(&self.store).await.unwrap();
        assert!(read.iter().zip(&plain).all(|(archived, plain)| archived == plain));
    }

    async fn check(&self, which: usize) {
        let (session, _) = self.read(which).await;
        let log = whole_log(&self.store, &session).await;
        assert!(log.iter().zip(1..).all(|(event, seq)| event.seq == seq), "a gap or a repeat");
        let mut plain = LogReader::recent(self.owner, session.id, 0);
        for event in &log {
            if plain.after() < event.seq {
                let read = plain.read(&self.store).await.unwrap();
                let from = usize::try_from(event.seq - 1).unwrap();
                assert_eq!(read, log[from..from + read.len()], "the archive tells another story");
            }
        }
        self.check_batches(which, &log);
        self.check_turns(&session, &log).await;
        let created: Vec<MessageId> = log
            .iter()
            .filter_map(|event| match &event.entry.body {
                EventBody::MessageCreated { message } => Some(message.id),
                _ => None,
            })
            .collect();
        assert_eq!(created.iter().collect::<HashSet<_>>().len(), created.len(), "a message was created twice");
        for id in self.told(which).accepted.values() {
            assert!(created.contains(id), "an accepted message is not in the log");
        }
    }

    /// Acknowledged batches stand there once, in order, and none behind a newer epoch.
    fn check_batches(&self, which: usize, log: &[Event]) {
        let said: Vec<(u64, u64)> = log
            .iter()
            .filter_map(|event| match &event.entry.body {
                EventBody::TextDelta { delta, .. } => delta.split_once('.'),
                _ => None,
            })
            .map(|(epoch, batch)| (epoch.parse().unwrap(), batch.parse().unwrap()))
            .collect();
        assert!(said.windows(2).all(|pair| pair[0] < pair[1]), "a batch twice, late, or from a fenced runner");
        for batch in &self.told(which).batches {
            assert!(said.contains(batch), "an acknowledged batch is not in the log");
        }
    }

    /// Each turn begins once and ends once, one after the other, and its answer is stored.
    async fn check_turns(&self, session: &Session, log: &[Event]) {
        let mut open: Option<u64> = None;
        let mut last = 0;
        for event in log {
            let turn = event.entry.turn;
            match &event.entry.body {
                EventBody::TurnStarted { .. } => {
                    assert!(open.is_none() && turn > Some(last), "two turns at once, or out of order");
                    (open, last) = (turn, turn.unwrap());
                }
                body if body.ends_turn() => {
                    assert_eq!(open, turn, "a turn ended that was not in hand");
                    open = None;
                }
                EventBody::MessageCompleted { message } => {
                    let stored = self.store.answer(self.owner, session.id, message.turn).await.unwrap();
                    assert_eq!(stored.as_ref(), Some(message));
                }
                _ => {}
            }
        }
        assert_eq!(open, session.turn.as_ref().map(|turn| turn.number));
    }
}
