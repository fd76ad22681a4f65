//! A store for tests: the embedded DynamoDB, so that conditions are the real ones, and
//! a bucket in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::Store;

/// A store of its own for one test.
pub async fn store() -> Store {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    let database = dynoxide::Database::memory().expect("memory is there");
    tokio::spawn(dynoxide::server::serve_on(listener, database));

    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new("test", "test", None, None, "test");
    let db = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials.clone())
            .endpoint_url(&endpoint)
            .http_client(http.clone())
            .build(),
    );
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .credentials_provider(credentials)
            .endpoint_url(bucket().await)
            .force_path_style(true)
            .http_client(http)
            .build(),
    );
    create_table(&db).await;
    Store::new(db, "agent-ops", s3, "bucket")
}

type Objects = Arc<Mutex<HashMap<String, Bytes>>>;

/// Puts, gets and deletes whole objects, as S3 does; where it answers.
async fn bucket() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    let router = Router::new().fallback(object).with_state(Objects::default());
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

async fn object(State(objects): State<Objects>, method: Method, uri: Uri, body: Bytes) -> Response {
    let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
    let key = uri.path().to_owned();
    match method {
        Method::PUT => {
            objects.insert(key, body);
            ([(header::ETAG, "\"e\"")]).into_response()
        }
        Method::DELETE => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match objects.get(&key) {
            Some(object) => object.clone().into_response(),
            None => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response(),
        },
    }
}

async fn create_table(db: &aws_sdk_dynamodb::Client) {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("the table has this form")
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("the table has this form")
    };
    let by_kind = GlobalSecondaryIndex::builder()
        .index_name("by_kind")
        .key_schema(key("kind_pk", KeyType::Hash))
        .key_schema(key("kind_sk", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(["provider", "entity_state"].map(str::to_owned).into()))
                .build(),
        )
        .build()
        .expect("the table has this form");
    db.create_table()
        .table_name("agent-ops")
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "kind_pk", "kind_sk"].map(attribute).into()))
        .global_secondary_indexes(by_kind)
        .set_key_schema(Some(vec![key("pk", KeyType::Hash), key("sk", KeyType::Range)]))
        .send()
        .await
        .expect("the table has this form");
}
