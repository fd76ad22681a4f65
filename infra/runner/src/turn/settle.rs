//! How a turn ends: by OpenCode's word, by its death, by the user, or by the clock.

use domain::message::{MessageStatus, TurnError};
use domain::session::Outcome;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Driver;
use super::agent::Look;
use super::current::{Current, Stage};
use crate::clock;
use crate::limits::{DEATHS_MAX, SETTLE, SETTLE_ROUNDS};
use crate::opencode::CallError;
use crate::translate::turn_error;

impl Driver {
    /// Ends the turn in hand because the runner has to go. One of which nothing was seen is left
    /// as it is: the relay gives it to the next runner.
    pub fn give_up(&mut self, error: TurnError) {
        let untouched = |current: &Current| current.abort_by.is_none() && current.translator.is_blank();
        if self.current.as_ref().is_some_and(untouched) {
            self.current = None;
        } else {
            self.finish(Err(error));
        }
    }

    pub(super) fn posted(&mut self, result: Result<(), CallError>) {
        let Some(current) = &mut self.current else { return };
        current.was_driven = true;
        match (result, &self.open) {
            // Went down meanwhile: whether the prompt arrived shows when it is back.
            (_, None) => {}
            (Ok(()), Some(_)) => {
                current.stage = Stage::Running;
                current.look_at = current.translator.settled().then(Instant::now);
                if current.abort_by.is_some() {
                    self.stop_agent();
                }
            }
            (Err(CallError::Unreachable), Some(_)) => current.back(Instant::now() + SETTLE),
            (Err(error), Some(_)) => {
                warn!(%error, "OpenCode refused a prompt");
                self.finish(Err(turn_error("agent_refused", "the agent refused the message; send it again")));
            }
        }
    }

    /// Compares with OpenCode's own account of the turn.
    pub(super) fn looked(&mut self, result: Result<Look, CallError>) {
        let Some(current) = &mut self.current else { return };
        current.looking = false;
        let Ok(look) = result else {
            current.look_at = Some(Instant::now() + SETTLE);
            return;
        };
        let busy = look.busy;
        let bodies = look.apply(&mut current.translator);
        for body in bodies {
            self.line.event(body.in_turn(current.turn.number));
        }
        self.keep_large();
        let Some(current) = &mut self.current else { return };
        if busy {
            current.resume = false;
            current.rounds = 0;
            return;
        }
        current.translator.rests();
        current.rounds += 1;
        let over = match current.resume {
            true => current.translator.concluded(),
            false => current.translator.settled(),
        };
        if over {
            self.conclude();
        } else if current.resume || current.rounds > SETTLE_ROUNDS {
            self.died();
        } else {
            current.look_at = Some(Instant::now() + SETTLE);
        }
    }

    /// OpenCode rests in the middle of the turn, so it has died over it: it goes on after its
    /// last step when it is given the same prompt again.
    pub(super) fn died(&mut self) {
        let Some(current) = &mut self.current else { return };
        current.deaths += 1;
        current.resume = false;
        current.rounds = 0;
        warn!(turn = current.turn.number, deaths = current.deaths, "OpenCode died in the middle of a turn");
        if current.abort_by.is_some() {
            self.finish(Ok(MessageStatus::Cancelled));
        } else if current.deaths >= DEATHS_MAX {
            let error =
                turn_error("agent_crashed", "the agent crashed several times in this turn; send the message again");
            self.finish(Err(error));
        } else {
            let bodies = current.translator.interrupted();
            self.emit(bodies);
            self.drive();
        }
    }

    /// The turn is over at OpenCode.
    pub(super) fn conclude(&mut self) {
        let Some(current) = &mut self.current else { return };
        if current.keeping > 0 && current.abort_by.is_none() {
            // The answer says where they are. Keeping has a limit of its own.
            current.is_over = true;
            return;
        }
        let verdict = match current.translator.verdict() {
            _ if current.abort_by.is_some() => Ok(MessageStatus::Cancelled),
            // Nobody asked for it here: the agent's server was told to end.
            Ok(MessageStatus::Cancelled) => Err(turn_error(
                "agent_stopped",
                "the agent was stopped in the middle of the turn; send the message again",
            )),
            verdict => verdict,
        };
        self.finish(verdict);
    }

    pub(super) fn finish(&mut self, verdict: Result<MessageStatus, TurnError>) {
        let Some(Current { turn, span, translator, .. }) = self.current.take() else { return };
        self.done = turn.number;
        // Whoever waits for consent is told that there is none.
        self.asks.clear();
        let (bodies, outcome) = translator.finish(verdict, clock::now());
        for body in bodies {
            self.line.event(body.in_turn(turn.number));
        }
        let Outcome { status, answer, .. } = &outcome;
        let code = answer.error.as_ref().map(|error| error.code.as_str());
        info!(parent: &span, turn = turn.number, ?status, code, parts = answer.parts.len(), "turn finished");
        self.line.finish(outcome);
        self.rest.turn_over(turn.number);
    }
}
