use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use axum::body::to_bytes;
use futures_util::future::join_all;
use tower::ServiceExt;

use super::*;
use crate::fault::{Order, Refusals};
use crate::{sdk_config, testing};

fn store(folder: &Path, faults: Faults) -> S3 {
    let puts = CorsRule {
        allowed_origins: vec!["*".into()],
        allowed_methods: vec!["PUT".into()],
        allowed_headers: vec!["content-type".into()],
        exposed_headers: vec!["ETag".into()],
    };
    let bucket = Bucket { name: "bucket".into(), cors: vec![puts] };
    S3::open(folder, vec![bucket], &["local"], "local", faults).unwrap()
}

async fn open(folder: &Path) -> (S3, Client) {
    let s3 = store(folder, Faults::default());
    let url = testing::serve(s3.router()).await;
    (s3, Client::from_conf(sdk_config!(aws_sdk_s3, url).force_path_style(true).build()))
}

#[tokio::test]
async fn of_many_conditional_puts_of_one_key_one_wins() {
    let home = testing::folder("s3-race");
    let (_, client) = open(home.path()).await;
    for round in 0..5 {
        let key = format!("owner/{round}");
        let put = |n: usize| {
            let put = client.put_object().bucket("bucket").key(&key).if_none_match("*");
            put.body(format!("writer {n}").into_bytes().into()).send()
        };
        let outcomes = join_all((0..20).map(put)).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let lost = outcomes.into_iter().find_map(Result::err).unwrap();
        assert_eq!(lost.code(), Some("PreconditionFailed"));
    }
}

#[tokio::test]
async fn a_presigned_url_works_until_it_is_tampered_with() {
    let home = testing::folder("s3-presigned");
    let (s3, client) = open(home.path()).await;
    client.put_object().bucket("bucket").key("a/b").body(b"hello".to_vec().into()).send().await.unwrap();
    let config = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let signed = client.get_object().bucket("bucket").key("a/b").presigned(config).await.unwrap();

    let fetch = |url: String| {
        let host = url.split('/').nth(2).unwrap().to_owned();
        s3.router().oneshot(Request::get(url).header("host", host).body(Body::empty()).unwrap())
    };
    let answer = fetch(signed.uri().to_owned()).await.unwrap();
    assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), "hello");
    let answer = fetch(signed.uri().replace("/a/b?", "/a/c?")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_unsigned_request_is_refused() {
    let home = testing::folder("s3-unsigned");
    let (s3, _) = open(home.path()).await;
    let answer = s3.router().oneshot(Request::get("/bucket/a").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[test]
fn a_key_cannot_climb_out_of_its_bucket() {
    for path in ["/bucket/../other/key", "/bucket/%2e%2e/other", "/bucket/a%2F..%2Fb", "/bucket/./a"] {
        assert!(climbs(path), "{path}");
    }
    assert!(!climbs("/bucket/a..b/...c"));
}

#[tokio::test]
async fn a_put_is_refused_as_often_as_a_fault_wants_it() {
    let home = testing::folder("s3-fault");
    let faults = Faults::default();
    let s3 = store(home.path(), faults.clone());
    faults.set(Order { s3: Some(Refusals { status: 503, times: 1 }), ..Order::default() });
    let put = || axum::http::Request::put("/bucket/a").body(Body::empty()).unwrap();
    let refused = s3.router().oneshot(put()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let unsigned = s3.router().oneshot(put()).await.unwrap();
    assert_eq!(unsigned.status(), StatusCode::FORBIDDEN, "the next one reaches the store");
}

#[tokio::test]
async fn a_page_of_another_origin_may_do_what_the_bucket_s_rules_say_and_no_more() {
    let home = testing::folder("s3-cors");
    let s3 = store(home.path(), Faults::default());
    let ask = |method: &'static str, header: &'static str, bucket: &'static str| {
        let request = axum::http::Request::options(format!("/{bucket}/a")).header("origin", "http://localhost:1");
        let request = request.header("access-control-request-method", method);
        s3.router().oneshot(request.header("access-control-request-headers", header).body(Body::empty()).unwrap())
    };
    let allowed = ask("PUT", "Content-Type", "bucket").await.unwrap();
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:1");
    assert_eq!(allowed.headers()["access-control-allow-headers"], "Content-Type");
    for (method, header, bucket) in
        [("DELETE", "content-type", "bucket"), ("PUT", "x-amz-acl", "bucket"), ("PUT", "content-type", "other")]
    {
        let refused = ask(method, header, bucket).await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{method} {header} {bucket}");
    }
    let put = axum::http::Request::put("/bucket/a").header("origin", "http://localhost:1").body(Body::empty()).unwrap();
    let answer = s3.router().oneshot(put).await.unwrap();
    assert_eq!(answer.headers()["access-control-expose-headers"], "ETag", "even of a refusal");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "the rules are no right to put anything");
}
