//! Gmail and Calendar against the fake of Google, which runs as a process of its own.
//!
//! Each failure that Google may have in store is ordered there, and what we hold in the
//! end has to be what Google holds.

mod acting;
mod calendar;
mod fake;
mod gmail;
mod mirror;
mod oauth;
mod push;
