use super::*;
use crate::Part;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn session() -> Session {
    Session::new(UserId::mint(at(0)), NewSession::default(), at(0))
}

fn prompt(turn: TurnNumber) -> Prompt {
    Prompt {
        traceparent: None,
        turn,
        message_id: MessageId::mint(at(0)),
        answer_id: MessageId::mint(at(0)),
        content: format!("prompt {turn}\nmore"),
        attachments: Vec::new(),
        created_at: at(0),
    }
}

/// A session whose first turn is in the hands of a connected runner.
fn running() -> (Session, Prompt) {
    let first = prompt(1);
    let session = session().submit(&first, at(1)).unwrap().session;
    (session.runner_connected(1, "conn-1", at(2)).unwrap().session, first)
}

fn completed(session: &Session, text: &str) -> Outcome {
    let turn = session.turn.as_ref().unwrap();
    let parts = vec![Part::Text { id: "p".into(), text: text.into() }];
    Outcome {
        turn: turn.number,
        status: MessageStatus::Completed,
        answer: Message::answer(turn.answer_id, session.id, turn.number, parts, at(3)),
    }
}

fn names(change: &Change) -> Vec<&'static str> {
    change.entries.iter().map(|e| e.body.name()).collect()
}

#[test]
fn the_first_prompt_starts_a_runner_and_names_the_session() {
    let change = session().submit(&prompt(1), at(1)).unwrap();
    assert_eq!(change.effects, [Effect::StartRunner]);
    assert_eq!((change.session.status(), change.session.epoch), ("starting", 1));
    assert_eq!(change.session.title, "prompt 1");
    assert_eq!(names(&change), ["message.created", "turn.started", "runner.updated", "session.updated"]);
}

#[test]
fn a_prompt_during_a_turn_waits_and_begins_when_it_ends() {
    let (session, _) = running();
    let second = prompt(2);
    let waiting = session.submit(&second, at(3)).unwrap();
    assert_eq!((waiting.effects.len(), waiting.session.queued()), (0, 1));
    assert!(
        matches!(&waiting.messages[0], MessageWrite::Prompt { message, .. } if message.status == MessageStatus::Queued)
    );

    let session = waiting.session;
    let change = session.finish_turn(1, completed(&session, "one"), Some(&second), at(4)).unwrap().unwrap();
    assert_eq!(change.effects, [Effect::HandTurn]);
    assert_eq!(change.session.turn.as_ref().unwrap().number, 2);
    assert_eq!(names(&change), ["message.completed", "turn.completed", "queue.updated", "turn.started"]);
}

#[test]
fn the_queue_is_bounded() {
    let (mut session, _) = running();
    for turn in 2..2 + limits::QUEUE_MAX as u64 {
        session = session.submit(&prompt(turn), at(3)).unwrap().session;
    }
    assert_eq!(session.submit(&prompt(99), at(3)).unwrap_err(), SubmitError::QueueFull);
}

#[test]
fn a_turn_that_is_reported_twice_ends_once() {
    let (session, _) = running();
    let outcome = completed(&session, "one");
    let after = session.finish_turn(1, outcome.clone(), None, at(4)).unwrap().unwrap().session;
    assert_eq!(after.finish_turn(1, outcome, None, at(5)).unwrap(), None);
    assert_eq!(after.status(), "idle");
}

#[test]
fn a_stale_runner_is_fenced_from_every_transition() {
    let (session, _) = running();
    let lost = TurnError { code: "runner_lost".into(), message: "lost".into() };
    // Something was seen of the turn: it ends, and no other runner takes it up.
    let seen = vec![Part::Text { id: "p".into(), text: "half".into() }];
    let after = session.runner_lost(1, lost.clone(), seen, None, at(5)).unwrap().session;
    let again = after.submit(&prompt(2), at(6)).unwrap().session;
    assert_eq!((after.epoch, again.epoch, again.task_epoch), (2, 3, 3));
    assert_eq!(again.runner_connected(1, "old", at(7)).unwrap_err(), Fenced::StaleEpoch);
    assert_eq!(again.finish_turn(1, completed(&again, "x"), None, at(7)).unwrap_err(), Fenced::StaleEpoch);
    assert_eq!(again.runner_lost(1, lost, Vec::new(), None, at(7)), None);
}

#[test]
fn a_lost_runner_fails_its_turn_keeps_what_was_seen_and_the_queue_goes_on() {
    let (session, _) = running();
    let second = prompt(2);
    let session = session.submit(&second, at(3)).unwrap().session;
    let error = TurnError { code: "runner_lost".into(), message: "lost".into() };
    let seen = vec![Part::Text { id: "p".into(), text: "half".into() }];
    let change = session.runner_lost(1, error, seen, Some(&second), at(9)).unwrap();
    assert_eq!(change.effects, [Effect::StopRunner { epoch: 1 }, Effect::StartRunner]);
    assert_eq!((change.session.epoch, change.session.status()), (3, "starting"));
    assert!(
        change
            .messages
            .iter()
            .any(|w| matches!(w, MessageWrite::Answer(a) if a.content == "half" && a.status == MessageStatus::Failed))
    );
    assert_eq!(names(&change)[..3], ["runner.updated", "message.completed", "turn.failed"]);
}

#[test]
fn a_turn_of_which_nothing_was_seen_goes_to_another_runner_a_few_times() {
    let error = || TurnError { code: "runner_lost".into(), message: "lost".into() };
    let (mut session, first) = running();
    for restarts in 1..=limits::TURN_RESTARTS_MAX {
        let lost = session.epoch;
        let change = session.runner_lost(lost, error(), Vec::new(), None, at(4)).unwrap();
        assert_eq!(change.effects, [Effect::StopRunner { epoch: session.task_epoch }, Effect::StartRunner]);
        assert_eq!((change.messages.len(), change.session.status()), (0, "starting"));
        assert_eq!(names(&change)[..2], ["runner.updated", "runner.updated"]);
        session = change.session;
        assert!(session.epoch > lost && session.epoch == session.task_epoch);
        let turn = session.turn.as_ref().unwrap();
        assert_eq!((turn.message_id, turn.restarts), (first.message_id, restarts));
        session = session.runner_connected(session.epoch, "c", at(5)).unwrap().session;
    }
    let given_up = session.runner_lost(session.epoch, error(), Vec::new(), None, at(6)).unwrap();
    assert!(names(&given_up).contains(&"turn.failed") && given_up.session.turn.is_none());
}

#[test]
fn a_lost_runner_s_turn_does_not_begin_anew_when_it_was_to_stop() {
    let (session, _) = running();
    let stopping = session.abort(None, at(4)).unwrap().session;
    let error = TurnError { code: "runner_lost".into(), message: "lost".into() };
    let change = stopping.runner_lost(1, error, Vec::new(), None, at(5)).unwrap();
    assert!(names(&change).contains(&"turn.aborted") && change.session.turn.is_none());
}

#[test]
fn an_abort_waits_for_the_runner_but_not_for_one_that_never_came() {
    let (session, _) = running();
    let asked = session.abort(None, at(4)).unwrap();
    assert_eq!((asked.effects.as_slice(), asked.session.status()), ([Effect::AbortTurn].as_slice(), "stopping"));

    let starting = super::tests::session().submit(&prompt(1), at(1)).unwrap().session;
    let ended = starting.abort(None, at(2)).unwrap();
    assert_eq!(ended.session.turn, None);
    assert!(names(&ended).contains(&"turn.aborted"));
    assert_eq!(ended.session.abort(None, at(3)), None);
}

#[test]
fn termination_ends_everything_and_is_final() {
    let (session, _) = running();
    let session = session.submit(&prompt(2), at(3)).unwrap().session;
    let change = session.terminate(Vec::new(), at(4)).unwrap();
    assert_eq!(change.effects, [Effect::StopRunner { epoch: 1 }, Effect::CloseViewers]);
    assert!(change.messages.contains(&MessageWrite::PromptStatus { turn: 2, status: MessageStatus::Cancelled }));
    let gone = change.session;
    assert!(gone.epoch > session.epoch, "nobody writes behind the end");
    assert_eq!(gone.status(), "terminated");
    assert_eq!(gone.submit(&prompt(3), at(5)).unwrap_err(), SubmitError::Terminated);
    assert_eq!(gone.runner_connected(1, "c", at(5)).unwrap_err(), Fenced::Terminated);
    assert_eq!(gone.terminate(Vec::new(), at(6)), None);
}

#[test]
fn every_write_moves_the_revision() {
    let (session, _) = running();
    assert_eq!(session.rev, 3);
    assert_eq!(session.abort(None, at(4)).unwrap().session.rev, 4);
}

#[test]
fn the_sweeper_leaves_no_transient_state_without_a_way_out() {
    let starting = session().submit(&prompt(1), at(0)).unwrap().session;
    let (connected, _) = running();
    let stopping = connected.abort(None, at(10)).unwrap().session;
    let terminated = connected.terminate(Vec::new(), at(3)).unwrap().session;
    let code = |step| match step {
        SweepStep::LoseRunner { code, .. } => code,
        SweepStep::Leave => "leave",
        SweepStep::Forget => "forget",
        SweepStep::StartRunner => "start",
    };
    for (session, heartbeat, task_known, now, expected) in [
        (&starting, None, true, 60, "leave"),
        (&starting, None, false, 10, "leave"),
        (&starting, None, false, 60, "start"),
        (&starting, None, true, 180, "start_failed"),
        (&connected, None, true, 60, "leave"),
        (&connected, None, true, 102, "runner_lost"),
        (&connected, Some(at(100)), true, 150, "leave"),
        (&connected, Some(at(100)), true, 200, "runner_lost"),
        (&stopping, Some(at(20)), true, 24, "leave"),
        (&stopping, Some(at(20)), true, 25, "abort_forced"),
        (&terminated, None, true, 999, "forget"),
        (&super::tests::session(), None, false, 999, "forget"),
    ] {
        assert_eq!(code(sweep(session, heartbeat, task_known, at(now))), expected, "{} at {now}", session.status());
    }
}

#[test]
fn a_waiting_prompt_can_be_edited_and_taken_back_but_not_one_in_hand() {
    let (session, first) = running();
    let (second, third) = (prompt(2), prompt(3));
    let session = session.submit(&second, at(3)).unwrap().session.submit(&third, at(3)).unwrap().session;

    let edited = Prompt { content: "other words".into(), ..second.clone() };
    let change = session.edit_queued(&edited, at(4)).unwrap();
    assert!(matches!(&change.messages[0], MessageWrite::Prompt { message, .. } if message.content == "other words"));

    let change = session.cancel_queued(second.message_id, at(4)).unwrap();
    assert_eq!(change.messages, [MessageWrite::PromptStatus { turn: 2, status: MessageStatus::Cancelled }]);
    assert_eq!(change.session.next_queued(), Some(3));
    assert_eq!(change.session.cancel_queued(second.message_id, at(5)).unwrap_err(), QueueError::NotQueued);
    assert_eq!(session.cancel_queued(first.message_id, at(5)).unwrap_err(), QueueError::NotQueued);

    let change = change.session.finish_turn(1, completed(&session, "one"), Some(&third), at(6)).unwrap().unwrap();
    assert_eq!((change.session.turn.unwrap().number, change.session.queue.len()), (3, 0));
}

#[test]
fn starts_that_keep_failing_make_the_next_one_wait_and_a_good_one_clears_them() {
    let error = || TurnError { code: "start_failed".into(), message: "no".into() };
    let mut session = session();
    let mut now = 0;
    for turn in 1..=u64::from(limits::FAILED_STARTS_MAX) {
        session = session.submit(&prompt(turn), at(now)).unwrap().session;
        session = session.runner_lost(session.epoch, error(), Vec::new(), None, at(now + 1)).unwrap().session;
        now += 2;
    }
    let refused = session.submit(&prompt(9), at(now)).unwrap_err();
    assert_eq!(refused, SubmitError::StartsFailing { retry_at: at(now - 1 + limits::START_COOLDOWN_SECONDS) });
    let later = at(now + limits::START_COOLDOWN_SECONDS);
    let started = session.submit(&prompt(4), later).unwrap().session;
    let connected = started.runner_connected(started.epoch, "c", later).unwrap().session;
    assert_eq!(connected.failed_starts, 0);
}

#[test]
fn an_idle_runner_may_leave_and_is_fenced_from_then_on() {
    let (session, _) = running();
    assert_eq!(session.runner_leaves(1, at(3)).unwrap(), None);
    let idle = session.finish_turn(1, completed(&session, "one"), None, at(4)).unwrap().unwrap().session;
    let left = idle.runner_leaves(1, at(5)).unwrap().unwrap().session;
    assert_eq!((left.status(), &left.runner), ("idle", &Runner::Absent));
    assert_eq!(left.runner_leaves(1, at(6)).unwrap_err(), Fenced::StaleEpoch);
}

#[test]
fn a_snapshot_counts_only_from_the_present_runner_and_only_forward() {
    let (session, _) = running();
    let snapshot = |version| Snapshot { version, key: format!("k{version}"), bytes: 1, taken_at: at(3) };
    let second = session.snapshot_taken(1, snapshot(2), at(3)).unwrap().unwrap().session;
    assert_eq!(second.snapshot_taken(1, snapshot(1), at(4)).unwrap(), None);
    assert_eq!(second.snapshot_taken(0, snapshot(3), at(4)).unwrap_err(), Fenced::StaleEpoch);
    assert_eq!(second.snapshot, Some(snapshot(2)));
}
