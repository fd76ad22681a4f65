//! What no route makes: other users, tokens and tickets that have expired.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::file::{Checksum, ContentType, FileName, NewFile};
use domain::login::{ReturnPath, SigninRecord};
use domain::sync::Walk;
use domain::token::{BearerToken, TokenRecord};
use domain::{
    Actor, FileId, IdentityProvider, Integration, LoginId, LoginRecord, Principal, Scope, Scopes, TokenId, User, UserId,
};
use jiff::{SignedDuration, Timestamp};
use store::{Store, Ticket};

/// Writes into a stack's table.
pub struct Seed {
    store: Store,
    db: aws_sdk_dynamodb::Client,
    table: String,
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
        let s3 = aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(aws_sdk_s3::config::Region::new(variable("AWS_REGION")?.clone()))
            .credentials_provider(aws_sdk_s3::config::Credentials::new("local", "local", None, None, "tests"))
            .endpoint_url(variable("AWS_ENDPOINT_URL_S3")?)
            .force_path_style(true);
        let s3 = aws_sdk_s3::Client::from_conf(s3.build());
        let buckets = s3.list_buckets().send().await.context("the buckets could not be listed")?;
        let bucket = buckets.buckets().first().and_then(|bucket| bucket.name()).context("the stack has no bucket")?;
        let store = Store::new(db.clone(), table.clone(), s3.clone(), bucket);
        Ok(Self { store, db, table })
    }

    /// Every item of the table that holds the text anywhere, read by nobody's rules but DynamoDB's.
    pub async fn traces_of(&self, text: &str) -> Result<Vec<String>> {
        let mut pages = self.db.scan().table_name(&self.table).consistent_read(true).into_paginator().items().send();
        let mut traces = Vec::new();
        while let Some(item) = pages.next().await {
            let item = format!("{:?}", item.context("the table could not be read")?);
            traces.extend(Some(item).filter(|item| item.contains(text)));
        }
        Ok(traces)
    }

    /// Leaves a file as a completion does that dies between the bucket and the table.
    pub async fn half_complete(&self, user_id: &str, file: &str) -> Result<()> {
        let file = self.store.file(user_id.parse()?, file.parse()?).await?.context("no such file")?;
        let upload_id = file.upload_id.clone().context("it does not come in parts")?;
        let parts = self.store.stored_parts(&file, &upload_id).await?.context("no such upload")?;
        let parts = domain::file::whole(file.size, parts)?;
        Ok(self.store.complete_upload(&file, &upload_id, parts).await?)
    }

    /// Begins an upload in parts as of two days ago; its id.
    pub async fn abandoned_upload(&self, user_id: &str, name: &str, size: u64) -> Result<String> {
        let (owner, then) = (user_id.parse()?, Timestamp::now() - SignedDuration::from_hours(48));
        let checksum = Checksum::Crc64Nvme([0; 8]);
        let new = NewFile { name: FileName::parse(name)?, size, content_type: ContentType::default(), checksum };
        let id = FileId::mint(then);
        let upload_id = self.store.begin_upload(owner, id, new.content_type.as_str()).await?;
        self.store.begin_file(&domain::File::in_parts(owner, id, new, upload_id, then), None, then).await?;
        Ok(id.to_string())
    }

    /// Gives a user so many files, named by their number; their content is nowhere.
    pub async fn files(&self, user_id: &str, count: usize) -> Result<()> {
        let (owner, first) = (user_id.parse()?, Timestamp::now());
        for number in 0..count {
            // Each in a millisecond of its own: their ids are in order then.
            let at = first + SignedDuration::from_millis(i64::try_from(number)?);
            let new = NewFile {
                name: FileName::parse(&format!("many/{number:05}"))?,
                size: 1,
                content_type: ContentType::default(),
                checksum: Checksum::sha256_of(b"x"),
            };
            let file = domain::File::direct(owner, new, at).ready();
            self.store.begin_file(&file, None, at).await?;
        }
        Ok(())
    }

    /// Bytes and number of files that a user's quota counts.
    pub async fn file_usage(&self, user_id: &str) -> Result<(u64, u64)> {
        let usage = self.store.file_usage(user_id.parse()?).await?;
        Ok((usage.bytes, usage.files))
    }

    /// Makes a user and gives a token of theirs.
    pub async fn user(&self) -> Result<String> {
        let id = self.user_id().await?;
        self.token(id.parse()?, Scopes::all(), None).await
    }

    /// Makes a user.
    pub async fn user_id(&self) -> Result<String> {
        let now = Timestamp::now();
        let id = UserId::mint(now);
        let user = User {
            id,
            email: format!("{id}@example.com"),
            name: "Another tenant".into(),
            avatar_url: None,
            admin: false,
            created_at: now,
        };
        self.store.put_user(&user).await?;
        Ok(user.id.to_string())
    }

    /// Gives a token of a user that is good for nothing but these scopes.
    pub async fn token_with(&self, user_id: &str, scopes: impl IntoIterator<Item = Scope>) -> Result<String> {
        self.token(user_id.parse()?, scopes.into_iter().collect(), None).await
    }

    /// The version of the snapshot that a session's next sandbox begins with, 0 when there is none.
    pub(crate) async fn snapshot_version(&self, user_id: &str, session: &str) -> Result<u64> {
        let session = self.store.session(user_id.parse()?, session.parse()?).await?.context("no such session")?;
        Ok(session.snapshot.map_or(0, |snapshot| snapshot.version))
    }

    /// Gives a token of a user that has expired just now.
    pub async fn expired_token(&self, user_id: &str) -> Result<String> {
        let expired = Timestamp::now() - SignedDuration::from_secs(1);
        self.token(user_id.parse()?, Scopes::all(), Some(expired)).await
    }

    /// Gives a token of a user that lives so long.
    pub async fn token_for(&self, user_id: &str, time: Duration) -> Result<String> {
        let end = Timestamp::now() + SignedDuration::try_from(time)?;
        self.token(user_id.parse()?, Scopes::all(), Some(end)).await
    }

    async fn token(&self, user_id: UserId, scopes: Scopes, expires_at: Option<Timestamp>) -> Result<String> {
        let now = Timestamp::now();
        let id = TokenId::mint(now);
        let text = format!("test-{id}");
        let (name, hint) = ("Test".to_owned(), "test".to_owned());
        let record = TokenRecord { id, user_id, name, scopes, hint, created_at: now, expires_at, used_at: None };
        self.store.put_token(&BearerToken::from_text(&text).hash(), &record, None).await?;
        Ok(text)
    }

    /// Gives the cookie of a browser whose time is over.
    pub async fn expired_login(&self, user_id: &str) -> Result<String> {
        let cookie = BearerToken::mint_cookie();
        let long_ago = Timestamp::now() - SignedDuration::from_hours(24 * 365);
        let login = LoginRecord {
            id: LoginId::mint(long_ago),
            user_id: user_id.parse()?,
            provider: IdentityProvider::Github,
            user_agent: "Test".into(),
            address: "127.0.0.1".into(),
            created_at: long_ago,
            used_at: long_ago,
        };
        self.store.put_login(&cookie.hash(), &login).await?;
        Ok(cookie.reveal().to_owned())
    }

    /// Gives the state of a sign-in by Google whose time is over, and its browser's cookie.
    pub async fn expired_signin(&self) -> Result<(String, String)> {
        let (state, browser) = (BearerToken::mint_cookie(), BearerToken::mint_cookie());
        let signin = SigninRecord {
            provider: IdentityProvider::Google,
            browser: browser.hash(),
            code_verifier: "verifier".into(),
            nonce: "nonce".into(),
            redirect_uri: "http://localhost/auth/google/callback".into(),
            return_to: ReturnPath::default(),
            expires_at: Timestamp::now() - SignedDuration::from_secs(1),
        };
        self.store.put_signin(&state.hash(), &signin).await?;
        Ok((state.reveal().to_owned(), browser.reveal().to_owned()))
    }

    /// Lets the hour pass, and more, in which an integration is left alone: the schedule
    /// finds it due, and the leases of workers that died have lapsed.
    pub async fn hour_passes(&self, user_id: &str, integration: &str) -> Result<()> {
        let (owner, id) = (user_id.parse()?, integration.parse()?);
        let long_ago = Timestamp::now() - SignedDuration::from_hours(2);
        loop {
            let known = self.store.integration(owner, id).await?.context("no such integration")?;
            let aged = Integration { planned_at: known.planned_at.map(|_| long_ago), rev: known.rev + 1, ..known };
            if self.store.change_integration(&aged).await? {
                break;
            }
        }
        for cursor in self.store.cursors(owner, id).await? {
            let key = [("pk", format!("USER#{owner}#INT#{id}")), ("sk", format!("CURSOR#{}", cursor.resource))];
            let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).into();
            let lapse = self.db.update_item().table_name(&self.table).set_key(Some(key));
            let at = AttributeValue::N(long_ago.as_millisecond().to_string());
            let lapse = lapse.update_expression("SET lease_ms = :at").expression_attribute_values(":at", at);
            let held = lapse.condition_expression("attribute_exists(lease_ms)").send().await;
            if let Err(error) = held
                && !error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception())
            {
                return Err(error.into());
            }
        }
        Ok(self.store.put_due(owner, id, long_ago).await?)
    }

    /// Lets an hour pass since everything of an integration was last read: its copies may be stale.
    pub async fn copies_age(&self, user_id: &str, integration: &str) -> Result<()> {
        let (owner, id) = (user_id.parse()?, integration.parse()?);
        let an_hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
        for cursor in self.store.cursors(owner, id).await? {
            let walk = Walk { synced_at: Some(an_hour_ago), ..cursor.walk };
            let key = [("pk", format!("USER#{owner}#INT#{id}")), ("sk", format!("CURSOR#{}", cursor.resource))];
            let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).into();
            let age = self.db.update_item().table_name(&self.table).set_key(Some(key));
            let walk = AttributeValue::S(serde_json::to_string(&walk)?);
            age.update_expression("SET walk = :walk").expression_attribute_values(":walk", walk).send().await?;
        }
        Ok(())
    }

    /// Revokes a token as a function does that dies before it tells anybody.
    pub async fn revoke_silently(&self, user_id: &str, token_id: &str) -> Result<bool> {
        let actor = Actor::Token(token_id.parse()?);
        Ok(self.store.revoke(user_id.parse()?, actor, Timestamp::now()).await?)
    }

    /// Gives a ticket for a session that has expired just now.
    pub async fn expired_ticket(&self, user_id: &str, session: &str) -> Result<String> {
        let ticket = BearerToken::mint_ticket();
        let expires_at = Timestamp::now() - SignedDuration::from_secs(1);
        let actor = Actor::Token(TokenId::mint(Timestamp::now()));
        let principal = Principal { user_id: user_id.parse()?, actor, scopes: Scopes::all(), expires_at: None };
        let record = Ticket { principal, session: session.parse()?, expires_at };
        self.store.put_ticket(&ticket.hash(), &record).await?;
        Ok(ticket.reveal().to_owned())
    }
}
