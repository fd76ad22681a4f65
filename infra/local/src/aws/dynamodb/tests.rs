use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use super::*;
use crate::fault::{Order, Trouble};
use crate::{sdk_config, testing};

fn table() -> Table {
    let create = json!({
        "TableName": "table",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
    });
    Table { name: "table".into(), ttl_attribute: Some("ttl".into()), create }
}

async fn open(file: Option<&Path>) -> (DynamoDb, Client) {
    let dynamodb = DynamoDb::open(file, Faults::default()).unwrap();
    dynamodb.create_table(&table()).unwrap();
    let url = testing::serve(dynamodb.router()).await;
    (dynamodb, Client::from_conf(sdk_config!(aws_sdk_dynamodb, url).build()))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn put_once(sk: &str) -> TransactWriteItem {
    let put = Put::builder().table_name("table").item("pk", text("p")).item("sk", text(sk));
    let put = put.condition_expression("attribute_not_exists(pk)").build().unwrap();
    TransactWriteItem::builder().put(put).build()
}

#[tokio::test]
async fn a_failed_condition_is_the_sdks_typed_error_with_the_item_that_stood_in_the_way() {
    let (_, client) = open(None).await;
    let put = || {
        let put = client.put_item().table_name("table").item("pk", text("p")).item("sk", text("s"));
        put.condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put().item("first", text("yes")).send().await.unwrap();
    let error = put().send().await.unwrap_err().into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = error else { panic!("{error}") };
    assert_eq!(failed.item().unwrap()["first"], text("yes"));
}

#[tokio::test]
async fn a_cancelled_transaction_gives_a_reason_for_each_item() {
    let (_, client) = open(None).await;
    client.transact_write_items().transact_items(put_once("a")).send().await.unwrap();
    let both = client.transact_write_items().transact_items(put_once("b")).transact_items(put_once("a"));
    let error = both.send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
}

#[tokio::test]
async fn a_repeated_token_is_answered_again_and_refused_for_other_items() {
    let (_, client) = open(None).await;
    let send = |sk: &'static str| {
        client.transact_write_items().client_request_token("token").transact_items(put_once(sk)).send()
    };
    send("a").await.unwrap();
    send("a").await.unwrap();
    let error = send("b").await.unwrap_err().into_service_error();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error}");
}

#[tokio::test]
async fn an_unknown_table_and_a_malformed_request_are_refused_as_dynamodb_does() {
    let (_, client) = open(None).await;
    let error = client.get_item().table_name("no-such").key("pk", text("p")).key("sk", text("s")).send().await;
    assert!(error.unwrap_err().into_service_error().is_resource_not_found_exception());
    let error = client.get_item().table_name("table").key("pk", text("p")).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
}

#[tokio::test]
async fn items_outlive_the_stack_and_expired_ones_are_swept() {
    let home = testing::folder("dynamodb-file");
    let file = home.path().join("table.db");
    let put = |client: Client, sk: &'static str, ttl: &'static str| async move {
        let put = client.put_item().table_name("table").item("pk", text("p")).item("sk", text(sk));
        put.item("ttl", AttributeValue::N(ttl.into())).send().await.unwrap();
    };
    let (_, client) = open(Some(&file)).await;
    put(client.clone(), "old", "1").await;
    put(client.clone(), "new", "99999999999").await;
    let (dynamodb, client) = open(Some(&file)).await;
    assert_eq!(dynamodb.sweep().unwrap(), 1);
    let left = client.scan().table_name("table").send().await.unwrap();
    assert_eq!(left.items()[0]["sk"], text("new"));
    assert_eq!(left.count(), 1);
}

#[tokio::test]
async fn units_are_counted_as_aws_bills_them_and_told_only_to_those_who_ask() {
    let (dynamodb, client) = open(None).await;
    let (units, before) = (dynamodb.units(), dynamodb.units().read());
    let put = || client.put_item().table_name("table").item("pk", text("p")).item("sk", text("s"));
    let untold = put().item("body", text(&"x".repeat(1500))).send().await.unwrap();
    assert!(untold.consumed_capacity().is_none());
    client.transact_write_items().transact_items(put_once("t")).send().await.unwrap();
    put().condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    let get = || client.get_item().table_name("table").key("pk", text("p")).key("sk", text("s"));
    get().send().await.unwrap();
    get().consistent_read(true).send().await.unwrap();
    let after = units.read();
    assert_eq!(after.calls - before.calls, 5);
    // 2 KB, twice 1 KB, and a refusal; half a read and a whole one.
    assert_eq!((after.write_units - before.write_units, after.read_units - before.read_units), (5.0, 1.5));
}

#[tokio::test]
async fn mishaps_are_the_sdks_typed_errors_and_an_unheard_call_is_carried_out() {
    let faults = Faults::default();
    let dynamodb = DynamoDb::open(None, faults.clone()).unwrap();
    dynamodb.create_table(&table()).unwrap();
    let url = testing::serve(dynamodb.router()).await;
    let config =
        sdk_config!(aws_sdk_dynamodb, url).retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled());
    let client = Client::from_conf(config.build());
    let trouble = |trouble| faults.set(Order { dynamodb: Some(trouble), ..Order::default() });
    let put = || client.put_item().table_name("table").item("pk", text("p")).item("sk", text("s")).send();

    trouble(Trouble { throttle: 1.0, ..Trouble::default() });
    let error = put().await.unwrap_err().into_service_error();
    assert!(matches!(error, PutItemError::ProvisionedThroughputExceededException(_)), "{error}");
    let both = client.transact_write_items().transact_items(put_once("a")).transact_items(put_once("b"));
    let error = both.send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["ThrottlingError"; 2]);

    trouble(Trouble { lose: 1.0, ..Trouble::default() });
    let error = put().await.unwrap_err().into_service_error();
    assert!(matches!(error, PutItemError::InternalServerError(_)), "{error}");
    faults.set(Order::default());
    let found = client.get_item().table_name("table").key("pk", text("p")).key("sk", text("s")).send().await.unwrap();
    assert!(found.item.is_some());
}

#[tokio::test]
async fn a_table_of_an_earlier_template_gains_the_new_index_with_what_it_holds() {
    let (dynamodb, client) = open(None).await;
    let put = client.put_item().table_name("table").item("pk", text("p")).item("sk", text("s"));
    put.item("kind", text("issue")).send().await.unwrap();
    let mut newer = table();
    newer.create["AttributeDefinitions"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "AttributeName": "kind", "AttributeType": "S" }));
    newer.create["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "by_kind",
        "KeySchema": [{ "AttributeName": "kind", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "KEYS_ONLY" },
    }]);
    for _ in 0..2 {
        dynamodb.create_table(&newer).unwrap();
    }
    let query = client.query().table_name("table").index_name("by_kind").key_condition_expression("kind = :kind");
    let found = query.expression_attribute_values(":kind", text("issue")).send().await.unwrap();
    assert_eq!(found.count, 1);
}
