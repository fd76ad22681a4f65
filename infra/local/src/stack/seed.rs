//! The user and the token that the local stack has from the start.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::token::{BearerToken, TokenRecord};
use domain::{Scopes, TokenId, User, UserId};
use jiff::Timestamp;
use store::Store;

use crate::template::Template;

/// Known to everybody, and good on the local stack only.
pub const TOKEN: &str = "test-api-token-12345";

const USER_ID: &str = "usr_01JQ0000000000000000000000";
const TOKEN_ID: &str = "tok_01JQ0000000000000000000000";

/// Puts both; a repeat changes nothing.
pub(super) async fn seed(template: &Template, variables: &BTreeMap<String, String>) -> Result<()> {
    let store = store(template, variables)?;
    let id = USER_ID.parse::<UserId>().context("the seeded user's id")?;
    let known = store.user(id).await?;
    let user = User {
        id,
        email: "dev@example.com".into(),
        name: "Local Developer".into(),
        avatar_url: None,
        admin: true,
        created_at: known.map_or_else(Timestamp::now, |user| user.created_at),
    };
    let token_id = TOKEN_ID.parse::<TokenId>().context("the seeded token's id")?;
    let token = TokenRecord {
        id: token_id,
        user_id: user.id,
        name: "Local token".into(),
        scopes: Scopes::all(),
        hint: "2345".into(),
        created_at: user.created_at,
        expires_at: None,
        used_at: None,
    };
    store.put_user(&user).await?;
    store.put_token(&BearerToken::from_text(TOKEN).hash(), &token, None).await?;
    Ok(())
}

fn store(template: &Template, variables: &BTreeMap<String, String>) -> Result<Store> {
    let endpoint = |name: &str| variables.get(name).context("the stack has no such endpoint");
    let table = template.tables.first().context("the template has no table")?;
    let bucket = template.buckets.first().context("the template has no bucket")?;
    let http = || aws_smithy_http_client::Builder::new().build_http();
    let db = aws_sdk_dynamodb::Config::builder()
        .behavior_version_latest()
        .http_client(http())
        .region(aws_sdk_dynamodb::config::Region::from_static(crate::aws::REGION))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint("AWS_ENDPOINT_URL_DYNAMODB")?);
    let s3 = aws_sdk_s3::Config::builder().behavior_version_latest();
    Ok(Store::new(
        aws_sdk_dynamodb::Client::from_conf(db.build()),
        table.name.as_str(),
        aws_sdk_s3::Client::from_conf(s3.build()),
        bucket.name.as_str(),
    ))
}
