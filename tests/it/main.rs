//! End-to-end tests: the real functions, the real runner, the real OpenCode, on
//! the local stack. `cargo local test` builds what they run.

mod main_job;
