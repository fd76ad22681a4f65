//! Every bound of the product, with its unit and its reason.

/// Bytes of a prompt. A message and its event are stored inline, and an item
/// holds 400 KB at most.
pub const PROMPT_BYTES_MAX: usize = 64 * 1024;
/// Characters of a session's title: a line in a list.
pub const TITLE_CHARS_MAX: usize = 200;
/// Bytes of a session's metadata as JSON; a session's item is read on every request.
pub const METADATA_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a workspace path.
pub const WORKSPACE_BYTES_MAX: usize = 512;
/// Bytes of a model's name.
pub const MODEL_BYTES_MAX: usize = 128;
/// Characters of a caller's idempotency id.
pub const CLIENT_ID_CHARS_MAX: usize = 128;
/// Messages that may wait behind the turn in hand.
pub const QUEUE_MAX: usize = 20;

/// Bytes of a JSON body that a handler reads; what may be larger goes by presigned URL.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a runner's append by HTTP: Lambda's payload limit is 6 MB, with room for the envelope.
pub const APPEND_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Entries of a page, and the number when the caller names none.
pub const PAGE_MAX: u32 = 100;
/// Entries of a page when the caller names no `limit`.
pub const PAGE_DEFAULT: u32 = 50;

/// Bytes of one event or frame sent to a viewer: a socket message holds 128 KB.
/// A larger event travels as a pointer.
pub const DELIVERY_BYTES_MAX: usize = 120 * 1024;
/// Bytes of a stored message that stay in the table; larger ones go to S3
/// (an item holds 400 KB, and 1 KB in the table costs as much as a whole small object).
pub const MESSAGE_INLINE_BYTES_MAX: usize = 200 * 1024;
/// Days that delivered events stay replayable; the stored messages stay for good.
pub const EVENT_TTL_DAYS: i64 = 7;
/// Bytes of events, before they are packed, in one item of the archive: what a
/// reader unpacks at once, and with room below the 400 KB of an item even if it did
/// not shrink.
pub const ARCHIVE_ITEM_BYTES_MAX: usize = 256 * 1024;
/// Items of the archive that one read takes: 4 MB of events at most.
pub const ARCHIVE_ITEMS_MAX: i32 = 16;
/// Pages of the log (1 MB each) that are put by at a time; the sweeper has many sessions to see to.
pub const ARCHIVE_PAGES_MAX: u32 = 4;
/// Hours that a caller's `client_id` is remembered.
pub const IDEMPOTENCY_TTL_HOURS: i64 = 24;

/// Seconds that a socket ticket is good for, once.
pub const TICKET_SECONDS: i64 = 60;
/// Seconds that a task may take until its runner says hello: Fargate needs 30-60.
pub const START_SECONDS_MAX: i64 = 180;
/// Times that a turn is given to another runner because one was lost before it showed anything of
/// it: a sandbox dies by accident once or twice, a prompt that kills it does so each time.
pub const TURN_RESTARTS_MAX: u32 = 2;
/// Starts that may fail in a row before the next one has to wait.
pub const FAILED_STARTS_MAX: u32 = 3;
/// Seconds that it has to wait then, doubled with each further failure, 16 times at most.
pub const START_COOLDOWN_SECONDS: i64 = 30;
/// Seconds without a turn after which a sandbox puts everything by and ends.
pub const IDLE_STOP_SECONDS: u64 = 600;
/// Seconds that a permission or question waits for its answer.
pub const ANSWER_SECONDS_MAX: u64 = 1_800;
/// Bytes of a snapshot: what a task with 20 GB of disk can pack and send in
/// reasonable time.
pub const SNAPSHOT_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of a snapshot's files in one frame: as much is unpacked for nothing, at most, before
/// a single file that is read.
pub const SNAPSHOT_FRAME_BYTES: u64 = 1024 * 1024;
/// Files, folders and links of a workspace that are listed.
pub const TREE_LEAVES_MAX: usize = 200_000;
/// Bytes of such a list, compressed: it is read whole for each look at the workspace.
pub const TREE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes of the list when it is unpacked.
pub const TREE_UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a file of a workspace that comes alone: Lambda ends a stream after 200 MB.
pub const WORKSPACE_FILE_BYTES_MAX: u64 = 150 * 1024 * 1024;
/// Bytes of a tool's output or input that are kept whole: more is a file's business.
pub const KEPT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Characters of the name of a kept text; an object's key holds 1,024 bytes.
pub const KEPT_NAME_CHARS_MAX: usize = 128;
/// Seconds that the address of a snapshot or a kept text is good for.
pub const SNAPSHOT_URL_SECONDS: u64 = 900;
/// Entries of a session's permissions.
pub const PERMISSIONS_MAX: usize = 50;
/// Seconds between a runner's heartbeats.
pub const HEARTBEAT_SECONDS: i64 = 30;
/// Seconds without a heartbeat after which a runner counts as lost.
pub const HEARTBEAT_LAPSE_SECONDS: i64 = 100;
/// Seconds that a runner has to confirm an abort before its task is ended.
pub const ABORT_SECONDS_MAX: i64 = 15;
/// Seconds that a socket lives: AWS ends it after 2 hours, so reconnect before.
pub const SOCKET_SECONDS_MAX: i64 = 7_200;
/// Seconds before AWS's limit at which a stream or socket is to be renewed.
pub const RENEW_MARGIN_SECONDS: i64 = 60;
/// Seconds between comments on a quiet SSE stream; proxies cut at 30 or more.
pub const SSE_HEARTBEAT_SECONDS: u64 = 15;

/// Seconds that a follower by SSE counts as one without a new sign; it gives one at
/// two thirds of that. An invocation that is cut off can't say that it is over.
pub const FOLLOWER_SECONDS: i64 = 45;
/// Bytes of a file that comes with its request: base64 in Lambda's payload of 6 MB
/// leaves room for 4.5 MB. A larger one is uploaded in parts.
pub const FILE_DIRECT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Bytes of what a form adds around such a file.
pub const FILE_FORM_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of a file: as large as the seed's bucket took in one upload.
pub const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// Bytes of a part of an upload (the last may be smaller): a minute's worth on a
/// slow line, and a largest file has few enough parts for one listing of S3.
pub const FILE_PART_BYTES: u64 = 16 * 1024 * 1024;
/// Files that a user may have.
pub const FILES_MAX: u64 = 100_000;
/// Bytes of a file's name with its folders.
pub const FILE_NAME_BYTES_MAX: usize = 512;
/// Bytes of a name between two slashes: what file systems take.
pub const FILE_NAME_SEGMENT_BYTES_MAX: usize = 255;
/// Bytes of a file's content type (RFC 6838 has 127 on each side of the slash).
pub const CONTENT_TYPE_BYTES_MAX: usize = 255;
/// Seconds that an upload in parts may take before it counts as abandoned.
pub const FILE_UPLOAD_SECONDS_MAX: i64 = 24 * 3_600;
/// Seconds after which a request that puts a file's content into the bucket is
/// surely over: a function's time and a margin.
pub const FILE_DIRECT_SECONDS_MAX: i64 = 600;
/// Seconds that an address to put a part to, or to get a file from, is good for.
pub const FILE_URL_SECONDS: u64 = 3_600;
/// Bytes of a file that a download streams through the function; a larger one is
/// redirected to the bucket. API Gateway throttles a stream after its first 10 MB.
pub const FILE_STREAM_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Files that a prompt may bring along: their addresses travel in one frame.
pub const ATTACHMENTS_MAX: usize = 10;
/// Bytes of a prompt's files together: they are fetched before the turn begins.
pub const ATTACHED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Items that a list by prefix looks at before it answers with what it has found.
pub const FILES_LOOKED_AT_MAX: usize = 10_000;

/// Times that a write is tried again after losing a race before the caller gets a 503.
pub const RACE_RETRIES_MAX: u32 = 12;

/// Bytes of an entity's title that are kept.
pub const ENTITY_TITLE_BYTES_MAX: usize = 1_024;
/// Bytes of an entity's text that are kept and searched; the raw payload is whole.
pub const ENTITY_BODY_BYTES_MAX: usize = 16 * 1024;
/// People of an entity that are kept: a mail to a list may name thousands.
pub const ENTITY_PEOPLE_MAX: usize = 50;
/// Labels of an entity that are kept.
pub const ENTITY_LABELS_MAX: usize = 50;
/// Days that a tombstone keeps late reports from bringing an entity back.
pub const TOMBSTONE_TTL_DAYS: i64 = 30;
/// Bytes of an integration's configuration as JSON.
pub const CONFIG_BYTES_MAX: usize = 16 * 1024;
/// Minutes between two scheduled synchronisations; each is moved by up to a quarter
/// of it, so that not all come at once.
pub const SYNC_INTERVAL_MINUTES: i64 = 60;
/// Seconds that a worker may hold a cursor without committing a page.
pub const SYNC_LEASE_SECONDS: i64 = 150;
/// Seconds of its function's time after which a worker hands over: 80 % of 120 seconds.
pub const SYNC_BUDGET_SECONDS: i64 = 96;
/// Seconds that a worker waits itself for a provider; a longer wait is left to the schedule.
pub const SYNC_WAIT_SECONDS_MAX: i64 = 10;
/// Bytes of a message to the MCP server: a file of 4 MiB as base64 would be larger than
/// Lambda's payload, so one is written as text, or smaller.
pub const MCP_BODY_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Bytes of an action at a service: GitHub's comments end there, and the event that shows it to
/// the user holds it twice.
pub const ACTION_BYTES_MAX: usize = 64 * 1024;
/// Entries of a page that a tool gives, and the number when the agent names none: what an agent
/// reads it pays for.
pub const MCP_PAGE_MAX: u32 = 50;
pub const MCP_PAGE_DEFAULT: u32 = 20;
/// Bytes of an entity's text in a list.
pub const MCP_BODY_BYTES: usize = 400;
/// Bytes of a file that a tool reads at a time.
pub const MCP_READ_BYTES_MAX: u64 = 48 * 1024;
/// Bytes of what a service itself says of an entity.
pub const MCP_RAW_BYTES_MAX: usize = 32 * 1024;
/// Minutes after which a synced copy may be stale, so that the service is asked.
pub const MCP_STALE_MINUTES: i64 = 10;
/// Minutes until the first repeat after a failure, doubled with each further one up to
/// [`SYNC_INTERVAL_MINUTES`].
pub const SYNC_BACKOFF_MINUTES: i64 = 1;
/// Minutes within which a resource is synchronised from scratch once at most, unless its
/// configuration changed: a provider that keeps refusing its own cursors must not be hammered.
pub const FULL_SYNC_MINUTES_MIN: i64 = 60;
/// Days that a run's log is kept.
pub const SYNC_LOG_TTL_DAYS: i64 = 30;
/// Minutes that a sign-in at a provider may take, from the button to the way back.
pub const OAUTH_MINUTES_MAX: i64 = 10;
/// Seconds before its end at which an access token is renewed.
pub const TOKEN_RENEW_SECONDS: i64 = 300;
/// Seconds that a caller has to renew a token before another one tries.
pub const TOKEN_RENEW_LEASE_SECONDS: i64 = 30;
/// Bytes of a webhook's body: Lambda's payload limit is 6 MB, with room for base64 and the envelope.
pub const WEBHOOK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Hours that a webhook's delivery id is remembered: GitHub redelivers for three days.
pub const DELIVERY_TTL_HOURS: i64 = 72;
/// Different words of an entity that a search looks at.
pub const SEARCH_WORDS_MAX: usize = 1_000;
/// Characters of a word that a search looks at.
pub const SEARCH_WORD_CHARS_MAX: usize = 32;
/// Words of a query.
pub const SEARCH_QUERY_WORDS_MAX: usize = 10;
/// Segments of about the same size that are searched side by side before they are merged into one.
pub const SEARCH_FAN: usize = 8;
/// Entities that one request reads for a page: with a filter that few pass, a page may be
/// short, and the next one goes on.
pub const ENTITY_READS_MAX: usize = 1_000;
/// A bound that a deployment may set otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustable {
    /// As a refusal calls it.
    pub name: &'static str,
    /// The value unless it is set.
    pub default: u32,
    pub unit: &'static str,
    /// What it bounds.
    pub bounds: &'static str,
}

impl Adjustable {
    /// The variable of the functions that sets it.
    pub fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

/// A browser that opens a session needs some ten, a program that polls a few a second.
pub const REQUESTS_PER_MINUTE: Adjustable = Adjustable {
    name: "requests_per_minute",
    default: 1_200,
    unit: "requests a minute",
    bounds: "requests of a user, by all of their tokens and browsers",
};
/// So that one program gone wild does not lock its user out.
pub const TOKEN_REQUESTS_PER_MINUTE: Adjustable = Adjustable {
    name: "token_requests_per_minute",
    default: 600,
    unit: "requests a minute",
    bounds: "requests by one token or browser",
};
/// Each is a turn of a model, which costs money.
pub const MESSAGES_PER_HOUR: Adjustable = Adjustable {
    name: "messages_per_hour",
    default: 300,
    unit: "messages an hour",
    bounds: "messages of a user to all of their sessions",
};
/// Each is a task of one CPU and 2 GB.
pub const SANDBOXES_AT_ONCE: Adjustable = Adjustable {
    name: "sandboxes_at_once",
    default: 20,
    unit: "sandboxes",
    bounds: "sandboxes that a user has at once",
};
/// With what is on its way.
pub const STORAGE_GIB: Adjustable = Adjustable {
    name: "storage_gib",
    default: 20,
    unit: "GiB",
    bounds: "files that a user has stored, uploads included",
};
/// Each of them.
pub const ADJUSTABLE: [Adjustable; 5] =
    [REQUESTS_PER_MINUTE, TOKEN_REQUESTS_PER_MINUTE, MESSAGES_PER_HOUR, SANDBOXES_AT_ONCE, STORAGE_GIB];

/// Hours that an operator is shown.
pub const HOURS_SHOWN: u16 = 48;
/// Days that the counts of an hour are kept.
pub const HOURS_TTL_DAYS: i64 = 7;
/// Sessions with a sandbox that are looked at when an operator asks how they are.
pub const LIVE_LOOKED_AT_MAX: usize = 200;
/// Seconds after which the sweeper, which comes by each minute, is late.
pub const SWEEP_LATE_SECONDS: i64 = 300;
/// Minutes after which a synchronisation that is due is late: the schedule comes by every five, and
/// a provider may have been asked to wait.
pub const SYNC_LATE_MINUTES: i64 = 30;
/// Seconds until a refused start is worth trying again: the sweeper comes by once a minute.
pub const SANDBOX_RETRY_SECONDS: u32 = 60;
/// Callers whose requests a process counts before it forgets those it has not seen for long.
pub const COUNTED_CALLERS_MAX: usize = 10_000;

/// Times that a record of the audit log is put behind another one that was faster:
/// as many as a user's requests at once.
pub const AUDIT_RETRIES_MAX: u32 = 100;
/// Characters of a caller's `User-Agent` that are recorded.
pub const USER_AGENT_CHARS_MAX: usize = 256;
/// Records of one answer of the audit log's export.
pub const AUDIT_EXPORT_MAX: u32 = 1_000;
/// Days that what was used is kept by day: a year, and the same month of the year before.
pub const USAGE_DAYS: i64 = 400;

/// Hours that an export can be fetched.
pub const EXPORT_HOURS: i64 = 24;
/// Seconds after which an export that has not come to its end is made anew: longer
/// than a function may run.
pub const EXPORT_SECONDS_MAX: i64 = 1_800;
/// Bytes of a part of an archive: S3 wants 5 MB at least, and takes 10,000 of them.
pub const EXPORT_PART_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of one file of records in an archive, which is put together in memory.
pub const EXPORT_RECORDS_BYTES: usize = 4 * 1024 * 1024;
/// Seconds that a deletion waits, after all is gone, before it looks again: longer
/// than the last address to write to can be good, and the last request take.
pub const ERASURE_SETTLE_SECONDS: u32 = 1_000;
/// Seconds that a deletion waits for tasks to end and for other services to take
/// back what they gave; it goes on without them then.
pub const ERASURE_CLOSE_SECONDS_MAX: i64 = 600;
/// Days of `GET /api/me/usage` when the caller names none.
pub const USAGE_DAYS_DEFAULT: u32 = 30;

/// Days that a browser stays signed in without being used.
pub const LOGIN_IDLE_DAYS: i64 = 14;
/// Days that it stays signed in at most.
pub const LOGIN_DAYS_MAX: i64 = 90;
/// Seconds that a sign-in may take at the provider: its codes live as long.
pub const SIGNIN_SECONDS_MAX: i64 = 600;
/// Bytes of the page to return to after signing in.
pub const RETURN_PATH_BYTES_MAX: usize = 512;
/// API tokens of one user: nobody can look after more.
pub const TOKENS_MAX: usize = 100;
/// Characters of a token's name: a line in a list.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;
/// Days from now that a token may last.
pub const TOKEN_DAYS_MAX: i64 = 3_660;
/// Minutes between two notes that a token or a sign-in was used: each costs a write.
pub const USED_AT_MINUTES: i64 = 5;
/// Minutes that a revoked caller's sockets are looked for: one that was just being
/// opened is found too. Lambda gives a connecting function half a minute.
pub const REVOKED_MINUTES: i64 = 3;
/// Addresses and domains of the sign-up list, together: they are one item.
pub const SIGNUP_ENTRIES_MAX: usize = 2_000;
