//! What no route makes: other users, tokens and tickets that have expired.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::token::{BearerToken, Principal, TokenRecord};
use domain::{TokenId, User, UserId};
use jiff::{SignedDuration, Timestamp};
use store::{Store, Ticket};

/// Writes into a stack's table.
pub struct Seed {
    store: Store,
}

impl Seed {
    pub(crate) async fn open(aws: &BTreeMap<String, String>) -> Result<Self> {
        let variable = |name: &str| aws.get(name).with_context(|| format!("the stack names no {name}"));
        let http = aws_smithy_http_client::Builder::new().build_http();
        let db = aws_sdk_dynamodb::Config::builder()
            .behavior_version_latest()
            .http_client(http)
            .region(aws_sdk_dynamodb::config::Region::new(variable("AWS_REGION")?.clone()))
            .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("local", "local", None, None, "tests"))
            .endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB")?);
        let db = aws_sdk_dynamodb::Client::from_conf(db.build());
        let tables = db.list_tables().send().await.context("the tables could not be listed")?;
        let table = tables.table_names().first().context("the stack has no table")?.clone();
        // Nothing that is seeded is large enough for the bucket.
        let s3 = aws_sdk_s3::Config::builder().behavior_version_latest().build();
        Ok(Self { store: Store::new(db, table, aws_sdk_s3::Client::from_conf(s3), "none") })
    }

    /// Makes a user and gives a token of theirs.
    pub async fn user(&self) -> Result<String> {
        let now = Timestamp::now();
        let user = User {
            id: UserId::mint(now),
            email: "other@example.com".into(),
            name: "Another tenant".into(),
            avatar_url: None,
            created_at: now,
        };
        self.store.put_user(&user).await?;
        self.token(user.id, None).await
    }

    /// The version of the snapshot that a session's next sandbox begins with, 0 when there is none.
    pub(crate) async fn snapshot_version(&self, user_id: &str, session: &str) -> Result<u64> {
        let session = self.store.session(user_id.parse()?, session.parse()?).await?.context("no such session")?;
        Ok(session.snapshot.map_or(0, |snapshot| snapshot.version))
    }

    /// Gives a token of a user that has expired just now.
    pub async fn expired_token(&self, user_id: &str) -> Result<String> {
        self.token(user_id.parse()?, Some(Timestamp::now() - SignedDuration::from_secs(1))).await
    }

    async fn token(&self, user_id: UserId, expires_at: Option<Timestamp>) -> Result<String> {
        let token_id = TokenId::mint(Timestamp::now());
        let text = format!("test-{token_id}");
        let principal = Principal { user_id, token_id, name: "Test".into() };
        self.store.put_token(&BearerToken::from_text(&text).hash(), &TokenRecord { principal, expires_at }).await?;
        Ok(text)
    }

    /// Gives a ticket for a session that has expired just now.
    pub async fn expired_ticket(&self, user_id: &str, session: &str) -> Result<String> {
        let ticket = BearerToken::mint_ticket();
        let expires_at = Timestamp::now() - SignedDuration::from_secs(1);
        let record = Ticket { owner: user_id.parse()?, session: session.parse()?, expires_at };
        self.store.put_ticket(&ticket.hash(), &record).await?;
        Ok(ticket.reveal().to_owned())
    }
}
