//! The product's own language: pure types and rules, no I/O and no clock.
//!
//! What happens next in a session is decided here, as a function of its state
//! and the time, and only carried out elsewhere.

pub mod account;
pub mod action;
pub mod attachment;
pub mod audit;
pub mod entity;
pub mod event;
pub mod file;
pub mod fold;
pub mod health;
pub mod identity;
pub mod ids;
pub mod integration;
pub mod limits;
pub mod login;
pub mod message;
pub mod metric;
pub mod rate;
pub mod repository;
pub mod scope;
pub mod search;
pub mod session;
pub mod signup;
pub mod slug;
pub mod sync;
pub mod token;
pub mod tree;
pub mod usage;
pub mod user;
pub mod workspace;

pub use action::Action;
pub use attachment::Attachment;
pub use entity::Entity;
pub use event::{Event, EventBody};
pub use file::File;
pub use identity::{Identity, IdentityProvider};
pub use ids::{EntityId, ExportId, FileId, IntegrationId, LoginId, MessageId, SessionId, SyncLogId, TokenId, UserId};
pub use integration::Integration;
pub use login::LoginRecord;
pub use message::{Message, Part};
pub use repository::Repository;
pub use scope::{MissingScope, Scope, Scopes};
pub use session::Session;
pub use signup::SignupPolicy;
pub use slug::{Kind, Service};
pub use token::{Actor, BearerToken, Principal, RunnerClaim, TokenHash};
pub use user::User;
pub use workspace::Workspace;

/// A position in a session's event log: 1 is the first event, 0 is before it.
pub type Seq = u64;
/// The generation of a session's runner, and its fencing token.
pub type Epoch = u64;
/// The number of a prompt in its session, from 1; it names the turn as well.
pub type TurnNumber = u64;
