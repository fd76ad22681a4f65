//! The runner's bounds, each with its unit and its reason.

use std::time::Duration;

/// Bytes of a tool's output while it runs: its tail, for someone who watches.
pub const TOOL_TAIL_BYTES: usize = 16 * 1024;
/// Bytes of a tool's final output, and of each text in its input.
pub const TOOL_OUTPUT_BYTES: usize = 64 * 1024;
/// Bytes of text and reasoning in one answer; it is never cut, since it equals its deltas.
pub const PROSE_BYTES: usize = 1024 * 1024;
/// Bytes of an answer as JSON: it has to fit one append by HTTP with its events.
pub const ANSWER_BYTES: usize = 3 * 1024 * 1024;

/// Bytes of events in one batch: a socket frame holds 30 KB with its envelope.
pub const BATCH_BYTES: usize = 28 * 1024;
/// Bytes of events that wait for the relay; beyond it the turn is ended rather than memory.
pub const BUFFER_BYTES: usize = 16 * 1024 * 1024;
/// How long a turn's text goes out at the quick pace.
pub const QUICK_FOR: Duration = Duration::from_millis(500);
/// Between two batches of text at the start of a turn.
pub const QUICK_PACE: Duration = Duration::from_millis(50);
/// Between two batches of text after that. Batches are what costs: at four a second a
/// thousand watched one-minute turns stay below a dollar, at five they do not.
pub const STEADY_PACE: Duration = Duration::from_millis(250);

/// Between two batches of text while nobody watches.
pub const UNWATCHED_PACE: Duration = Duration::from_secs(1);

/// First and longest pause before connecting again.
pub const BACKOFF_MIN: Duration = Duration::from_millis(200);
pub const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// AWS ends a socket after two hours; leave before, at a moment of our own.
pub const SOCKET_LIFE: Duration = Duration::from_secs(110 * 60);
/// Silence after which an append is sent again. A repeat is harmless.
pub const ACK_WAIT: Duration = Duration::from_secs(1);
/// Pause before an append that the relay could not carry out is sent again.
pub const REFUSED_WAIT: Duration = Duration::from_millis(500);
/// Silence after `hello` or a heartbeat that means that the socket is dead.
pub const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// How often OpenCode may die in one turn.
pub const DEATHS_MAX: u32 = 3;
/// How long OpenCode may take to come (back): 2-3 s, and 6-11 s on a loaded machine.
pub const AGENT_START: Duration = Duration::from_secs(90);
/// How often the session's repository is cloned before the agent starts without it, and the pause
/// in between; how long the agent may take to come when there is one to clone.
pub const CLONE_ATTEMPTS: u32 = 3;
pub const CLONE_PAUSE: Duration = Duration::from_secs(1);
pub const CLONE_WAIT: Duration = Duration::from_secs(600);
/// After `idle` the last words of a failed or stopped turn still arrive.
pub const SETTLE: Duration = Duration::from_millis(80);
/// How often a settling turn is looked at before it is taken as it is.
pub const SETTLE_ROUNDS: u32 = 25;
/// Between two attempts to stop a turn.
pub const ABORT_PAUSE: Duration = Duration::from_millis(500);
/// How long OpenCode may take to confirm an abort (it took 15 ms).
pub const ABORT_WAIT: Duration = Duration::from_secs(8);
/// A turn without any event is checked against OpenCode's own status this often.
pub const WATCHDOG: Duration = Duration::from_secs(20);

/// How long keeping a large text may take, all attempts together; the turn's end waits for it.
pub const KEEP_WAIT: Duration = Duration::from_secs(15);
/// How often it is tried, and the pause in between.
pub const KEEP_ATTEMPTS: u32 = 3;
pub const KEEP_PAUSE: Duration = Duration::from_millis(500);

/// Files that the diff of a turn names, and bytes of its patches: it is read in a browser.
pub const DIFF_FILES_MAX: usize = 1_000;
pub const DIFF_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a file whose lines are compared, and how long that may take before it is done roughly.
pub const DIFF_FILE_BYTES_MAX: u64 = 512 * 1024;
pub const DIFF_FILE_WAIT: Duration = Duration::from_millis(250);
/// How long keeping a diff may take; the snapshot waits for it.
pub const DIFF_WAIT: Duration = Duration::from_secs(5);

/// zstd's own default: a few hundred MB a second, and half the size.
pub const SNAPSHOT_LEVEL: i32 = 3;
/// Bytes of all files in a snapshot: a task has 20 GB of disk, and holds the archive as well.
pub const UNPACKED_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// How often a snapshot is begun anew because OpenCode wrote meanwhile, and the pause before that.
pub const QUIET_ROUNDS: u32 = 10;
pub const QUIET_PAUSE: Duration = Duration::from_millis(200);
/// How often a snapshot is got before the session's turns fail, and the pause in between.
pub const RESTORE_ATTEMPTS: u32 = 3;
pub const RESTORE_PAUSE: Duration = Duration::from_secs(1);
/// How often a turn's attachment is got before the turn fails, and the pause in between.
pub const FETCH_ATTEMPTS: u32 = 3;
pub const FETCH_PAUSE: Duration = Duration::from_secs(1);
/// Silence in a download that means that nothing more will come.
pub const TRANSFER_SILENCE: Duration = Duration::from_secs(20);
/// How long an upload may take; its address is good for 15 minutes.
pub const UPLOAD_WAIT: Duration = Duration::from_secs(600);
/// Silence after a frame about snapshots or leaving that means that it was lost, and how often
/// a step of a delivery is said again before the delivery begins anew.
pub const FRAME_WAIT: Duration = Duration::from_secs(5);
pub const FRAME_REPEATS: u32 = 3;
/// A sandbox that can run no turn at all leaves soon: the next message gets a new one.
pub const REFUSED_STOP: Duration = Duration::from_secs(5);
