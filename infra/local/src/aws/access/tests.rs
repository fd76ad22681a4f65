use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::middleware::from_fn_with_state;
use http::{Method, StatusCode};

use super::dynamodb as dynamodb_guard;
use super::*;
use crate::aws::dynamodb::DynamoDb;
use crate::aws::s3::S3;
use crate::fault::Faults;
use crate::template::{Bucket, Deployment};
use crate::testing::{self, Folder};

const PROJECT: &str = include_str!("../../../../../template.yaml");

fn deployed(text: &str) -> Template {
    Template::parse(text, &Deployment::at("127.0.0.1:1".parse().unwrap())).unwrap()
}

/// Access by the project's template, with one piece of it replaced, and its record.
fn access(test: &str, from: &str, to: &str) -> (Access, Folder) {
    assert!(PROJECT.contains(from), "the template no longer has `{from}`");
    let folder = testing::folder(test);
    let template = deployed(&PROJECT.replacen(from, to, 1));
    (Access::new(&template, &folder.path().join("access.jsonl")).unwrap(), folder)
}

fn table_client(url: String, caller: &str) -> aws_sdk_dynamodb::Client {
    let credentials = aws_sdk_dynamodb::config::Credentials::new(caller, "local", None, None, "test");
    let config = crate::sdk_config!(aws_sdk_dynamodb, url).credentials_provider(credentials);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

async fn serve_table(access: &Access) -> String {
    let dynamodb = DynamoDb::open(None, Faults::default()).unwrap();
    dynamodb.create_table(&deployed(PROJECT).tables[0]).unwrap();
    testing::serve(dynamodb.router().layer(from_fn_with_state(access.clone(), dynamodb_guard))).await
}

#[tokio::test]
async fn a_function_may_do_what_its_role_says_and_both_are_recorded() {
    let (access, folder) = access("access-table", "Action: dynamodb:Query\n", "Action: dynamodb:Scan\n");
    let client = table_client(serve_table(&access).await, "SessionsFunction");
    let text = |value: &str| AttributeValue::S(value.to_owned());
    client.get_item().table_name("agent-ops-Table").key("pk", text("a")).key("sk", text("b")).send().await.unwrap();
    let query = client.query().table_name("agent-ops-Table").key_condition_expression("pk = :p");
    let refused = query.expression_attribute_values(":p", text("a")).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));

    let told = read_record(&folder.path().join("access.jsonl")).unwrap();
    let told: Vec<_> = told.iter().map(|used| (used.role.as_str(), used.action.as_str(), used.denied)).collect();
    assert_eq!(told, [("SessionsFunction", "dynamodb:GetItem", false), ("SessionsFunction", "dynamodb:Query", true)]);
}

#[tokio::test]
async fn the_operator_may_do_everything_and_a_stranger_nothing() {
    let (access, _folder) = access("access-callers", "Resources:", "Resources:");
    let url = serve_table(&access).await;
    table_client(url.clone(), OPERATOR).list_tables().send().await.unwrap();
    let refused = table_client(url, "Nobody").list_tables().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn without_the_right_to_list_an_absent_object_is_forbidden() {
    let list = "              Action: s3:ListBucket\n";
    for (action, expected) in
        [(list, StatusCode::NOT_FOUND), ("              Action: s3:GetBucketAcl\n", StatusCode::FORBIDDEN)]
    {
        let text = PROJECT.replace(list, action);
        let folder = testing::folder("access-list");
        let access = Access::new(&deployed(&text), &folder.path().join("access.jsonl")).unwrap();
        let bucket = Bucket { name: "agent-ops-bucket".into(), cors: Vec::new() };
        let store = S3::open(folder.path(), vec![bucket], &["FilesFunction"], "local", Faults::default()).unwrap();
        let url = testing::serve(store.router().layer(from_fn_with_state(access, super::s3))).await;
        let credentials = aws_sdk_s3::config::Credentials::new("FilesFunction", "local", None, None, "test");
        let config = crate::sdk_config!(aws_sdk_s3, url).credentials_provider(credentials).force_path_style(true);
        let get = aws_sdk_s3::Client::from_conf(config.build()).get_object();
        let refused = get.bucket("agent-ops-bucket").key("usr_1/files/f").send().await.unwrap_err();
        assert_eq!(refused.raw_response().unwrap().status().as_u16(), expected.as_u16());
    }
}

#[test]
fn a_call_needs_what_the_authorization_reference_says() {
    let (access, _folder) = access("access-needs", "Resources:", "Resources:");
    let told = |needs: std::collections::BTreeSet<Need>| -> Vec<String> {
        needs.into_iter().map(|need| format!("{} {}", need.action, need.resource.rsplit(':').next().unwrap())).collect()
    };
    let transact = br#"{"TransactItems": [{"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}}]}"#;
    assert_eq!(
        told(needs::dynamodb("TransactWriteItems", transact)),
        ["dynamodb:ConditionCheckItem table/t", "dynamodb:PutItem table/t"]
    );
    let query = br#"{"TableName": "t", "IndexName": "i"}"#;
    assert_eq!(told(needs::dynamodb("Query", query)), ["dynamodb:Query table/t/index/i"]);
    let run = br#"{"taskDefinition": "agent-ops-sandbox"}"#;
    assert_eq!(
        told(needs::json(&access.0, "AmazonEC2ContainerServiceV20141113.RunTask", run)),
        [
            "ecs:RunTask task-definition/agent-ops-sandbox",
            "ecs:RunTask 1",
            "iam:PassRole role/agent-ops-TaskExecutionRole",
            "iam:PassRole role/agent-ops-TaskRole"
        ]
    );
    let objects = [
        (Method::GET, "/b/k", "s3:GetObject b/k"),
        (Method::HEAD, "/b/k%20k", "s3:GetObject b/k k"),
        (Method::GET, "/b/k?uploadId=1", "s3:ListMultipartUploadParts b/k"),
        (Method::DELETE, "/b/k?uploadId=1", "s3:AbortMultipartUpload b/k"),
        (Method::DELETE, "/b/k", "s3:DeleteObject b/k"),
        (Method::POST, "/b/k?uploads", "s3:PutObject b/k"),
        (Method::GET, "/b?list-type=2&prefix=x", "s3:ListBucket b"),
    ];
    for (method, uri, expected) in objects {
        assert_eq!(told(needs::s3(&method, &uri.parse().unwrap()).needs), [expected]);
    }
    let many = needs::deleted(&"/b?delete".parse().unwrap(), b"<Delete><Object><Key>k</Key></Object></Delete>");
    assert_eq!(told(many), ["s3:DeleteObject b/k"]);
    let need = needs::connection(&access.0, &Method::POST, "/_socket/live/@connections/c").unwrap();
    assert!(need.resource.ends_with(":socketapi/live/POST/@connections/c"), "{}", need.resource);
}

#[tokio::test]
async fn an_unsigned_call_is_refused() {
    let (access, _folder) = access("access-unsigned", "Resources:", "Resources:");
    let router = Router::new().layer(from_fn_with_state(access, super::json));
    let request = axum::extract::Request::post("/").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}
