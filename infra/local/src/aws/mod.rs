//! The AWS services that the functions call, each on loopback.

pub mod dynamodb;
pub mod ecs;
pub mod events;
pub mod json;
pub mod s3;
pub mod secrets;
pub mod sqs;

/// The account that everything local belongs to.
pub const ACCOUNT: &str = "000000000000";

/// The region that everything local is in.
pub const REGION: &str = "us-east-1";
