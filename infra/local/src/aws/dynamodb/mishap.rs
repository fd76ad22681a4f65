//! What DynamoDB says on a bad day.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// Refused for want of throughput. A transaction says so of each of its items.
pub(super) fn throttled(operation: &str, body: &[u8]) -> (StatusCode, String) {
    let message = "Throughput exceeds the current capacity of your table or index.";
    let answer = if operation == "TransactWriteItems" {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let items = request["TransactItems"].as_array().map_or(1, Vec::len);
        let reasons = vec![json!({ "Code": "ThrottlingError", "Message": message }); items];
        json!({ "__type": kind("TransactionCanceledException"), "Message": message, "CancellationReasons": reasons })
    } else {
        json!({ "__type": kind("ProvisionedThroughputExceededException"), "message": message })
    };
    (StatusCode::BAD_REQUEST, answer.to_string())
}

/// Whether anything was done is not to be known from it.
pub(super) fn failed() -> (StatusCode, String) {
    let answer = json!({ "__type": kind("InternalServerError"), "message": "The request processing has failed." });
    (StatusCode::INTERNAL_SERVER_ERROR, answer.to_string())
}

fn kind(name: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{name}")
}
