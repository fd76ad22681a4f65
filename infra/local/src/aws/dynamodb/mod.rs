//! DynamoDB: `dynoxide` embedded, behind a front of our own.
//!
//! Its own server keeps every transaction's token for ten minutes and walks all
//! of them at each transaction, so that a long run slows down without end. The
//! front keeps the tokens itself, and takes them off before the call.

mod mishap;
mod tokens;
mod units;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::update_item::UpdateItemRequest;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokens::{Earlier, Tokens};
use units::{Price, Told};
pub use units::{UnitStats, Units};

use crate::fault::{Faults, Mishap};
use crate::template::Table;

/// DynamoDB's own bound on a request.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The embedded database and what the front remembers.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
    tokens: Arc<Tokens>,
    units: Units,
    faults: Faults,
}

/// Carries out one operation and counts what AWS would bill for it.
macro_rules! metered {
    ($front:ident.$operation:ident($input:expr), $price:ident) => {{
        let mut input = $input;
        let asked = input.return_consumed_capacity.is_some();
        input.return_consumed_capacity.get_or_insert_with(|| "TOTAL".to_owned());
        let mut output = $front.database.$operation(input).inspect_err(|error| $front.units.bill_refusal(error))?;
        $front.units.bill(Price::$price, output.consumed_capacity.units());
        output.consumed_capacity = output.consumed_capacity.filter(|_| asked);
        write(&output)
    }};
}

impl DynamoDb {
    /// Opens the database in this file; without one it lives in memory.
    pub fn open(file: Option<&Path>, faults: Faults) -> Result<Self> {
        let database = match file {
            None => Database::memory()?,
            Some(file) => {
                let path = file.to_str().context("the database's path is not UTF-8")?;
                let database = Database::new(path)?;
                // In spite of its name this only sets SQLite's `synchronous` to NORMAL: a killed
                // process loses nothing, and a write does not wait for the disk.
                database.disable_bulk_loading()?;
                database
            }
        };
        Ok(Self { database, tokens: Arc::default(), units: Units::default(), faults })
    }

    /// Creates the table unless it is there, with its time to live.
    pub fn create_table(&self, table: &Table) -> Result<()> {
        match self.call("CreateTable", table.create.to_string().as_bytes()) {
            Ok(_) => {}
            Err(DynoxideError::ResourceInUseException(_)) => return self.add_indexes(table),
            Err(error) => return Err(error.into()),
        }
        let Some(attribute) = &table.ttl_attribute else { return Ok(()) };
        let ttl = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        self.call("UpdateTimeToLive", ttl.to_string().as_bytes())?;
        Ok(())
    }

    /// Adds the indexes that the template has gained since the table was made, as CloudFormation does.
    fn add_indexes(&self, table: &Table) -> Result<()> {
        let name = json!({ "TableName": table.name }).to_string();
        let there: Value = serde_json::from_str(&self.call("DescribeTable", name.as_bytes())?)?;
        let indexes = |table: &Value| table["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
        let known: Vec<Value> = indexes(&there["Table"]).iter().map(|index| index["IndexName"].clone()).collect();
        for index in indexes(&table.create).iter().filter(|index| !known.contains(&index["IndexName"])) {
            let update = json!({
                "TableName": table.name,
                "AttributeDefinitions": table.create["AttributeDefinitions"],
                "GlobalSecondaryIndexUpdates": [{ "Create": index }],
            });
            self.call("UpdateTable", update.to_string().as_bytes())?;
        }
        Ok(())
    }

    /// Deletes the items whose time to live is over; the engine does not do so by itself.
    pub fn sweep(&self) -> Result<usize> {
        Ok(self.database.sweep_ttl()?)
    }

    /// What the calls so far would be billed as.
    pub fn units(&self) -> Units {
        self.units.clone()
    }

    /// The HTTP surface that the SDKs talk to.
    pub fn router(&self) -> Router {
        Router::new().route("/", post(handle)).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX)).with_state(self.clone())
    }

    fn call(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let db = &self.database;
        match operation {
            "GetItem" => metered!(self.get_item(read::<GetItemRequest>(body)?), Read),
            "PutItem" => metered!(self.put_item(read::<PutItemRequest>(body)?), Write),
            "UpdateItem" => metered!(self.update_item(read::<UpdateItemRequest>(body)?), Write),
            "DeleteItem" => metered!(self.delete_item(read::<DeleteItemRequest>(body)?), Write),
            "Query" => metered!(self.query(read::<QueryRequest>(body)?), Read),
            "Scan" => metered!(self.scan(read::<ScanRequest>(body)?), Read),
            "BatchGetItem" => metered!(self.batch_get_item(read::<BatchGetItemRequest>(body)?), Read),
            "BatchWriteItem" => metered!(self.batch_write_item(read::<BatchWriteItemRequest>(body)?), Write),
            "TransactGetItems" => metered!(self.transact_get_items(read::<TransactGetItemsRequest>(body)?), Read),
            "TransactWriteItems" => self.transact(body),
            "CreateTable" => run(body, |input| db.create_table(input)),
            "DeleteTable" => run(body, |input| db.delete_table(input)),
            "UpdateTable" => run(body, |input| db.update_table(input)),
            "DescribeTable" => run(body, |input| db.describe_table(input)),
            "ListTables" => run(body, |input| db.list_tables(input)),
            "UpdateTimeToLive" => run(body, |input| db.update_time_to_live(input)),
            "DescribeTimeToLive" => run(body, |input| db.describe_time_to_live(input)),
            other => Err(DynoxideError::ValidationException(format!("the local stack does not emulate {other}"))),
        }
    }

    fn answer(&self, operation: &str, body: &[u8]) -> (StatusCode, String) {
        match self.call(operation, body) {
            Ok(output) => (StatusCode::OK, output),
            Err(error) => {
                let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
                (status, error.to_json())
            }
        }
    }

    /// A repeat of a transaction that succeeded is answered and not carried out again.
    fn transact(&self, body: &[u8]) -> Result<String, DynoxideError> {
        let mut input: TransactWriteItemsRequest = read(body)?;
        let Some(token) = input.client_request_token.take() else {
            return metered!(self.transact_write_items(input), Write);
        };
        let fingerprint = tokens::fingerprint(&serde_json::to_value(&input.transact_items).unwrap_or_default());
        match self.tokens.find(&token, fingerprint) {
            Some(Earlier::Same(answer)) => Ok(answer),
            Some(Earlier::Other) => Err(DynoxideError::IdempotentParameterMismatchException(
                "the request's parameters differ from those first sent with this token".into(),
            )),
            None => {
                let answer = metered!(self.transact_write_items(input), Write)?;
                self.tokens.keep(token, fingerprint, &answer);
                Ok(answer)
            }
        }
    }
}

async fn handle(State(dynamodb): State<DynamoDb>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix("DynamoDB_20120810.").unwrap_or(target);
    let (status, body) = match dynamodb.faults.next_mishap() {
        Some(Mishap::Throttled) => mishap::throttled(operation, &body),
        Some(Mishap::Failed) => mishap::failed(),
        Some(Mishap::Unheard) => {
            let _ = dynamodb.call(operation, &body);
            mishap::failed()
        }
        None => dynamodb.answer(operation, &body),
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response()
}

fn run<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> dynoxide::Result<O>,
) -> Result<String, DynoxideError> {
    write(&operation(read(body)?)?)
}

fn read<I: DeserializeOwned>(body: &[u8]) -> Result<I, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(output: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(output).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
mod tests;
