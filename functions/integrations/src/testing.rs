//! A toy service, and a world in which it is connected: the engine's tests.
//!
//! The toy shows as well what a provider is: this file, and one line in the list.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials as AwsCredentials, Region};
use domain::entity::{Change, Deletion, Draft};
use domain::integration::{Account, Config};
use domain::sync::{Quota, Reason};
use domain::{Integration, Kind, Service, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{EntityFilter, Store};
use wire::bus::SyncRequested;

use crate::Deps;
use crate::outbox::Outbox;
use crate::providers::*;

/// Things of one page.
const PAGE: usize = 5;

/// What the toy service holds, and how it behaves.
#[derive(Default)]
pub(crate) struct Shop {
    /// By id: title and version. The version of a whole change log, too.
    pub(crate) things: BTreeMap<u32, (String, u64)>,
    /// Every change in order: version and the thing.
    log: Vec<(u64, u32)>,
    /// Pages that are answered with these first.
    pub(crate) failures: Vec<Failure>,
    /// Tokens that are accepted; the last one is the one given out.
    pub(crate) token: u32,
    pub(crate) resources: Vec<String>,
    /// Ids of what was to be done, each time.
    pub(crate) deeds: Vec<String>,
}

impl Shop {
    fn next_version(&self) -> u64 {
        self.log.last().map_or(1, |(version, _)| version + 1)
    }

    pub(crate) fn set(&mut self, id: u32, title: &str) {
        let version = self.next_version();
        self.things.insert(id, (title.to_owned(), version));
        self.log.push((version, id));
    }

    pub(crate) fn delete(&mut self, id: u32) {
        let version = self.next_version();
        self.things.remove(&id);
        self.log.push((version, id));
    }

    /// Forgets who changed what, so that cursors are of no use any more.
    pub(crate) fn forget_log(&mut self) {
        let last = self.log.last().copied();
        self.log = last.into_iter().collect();
    }
}

#[derive(Clone)]
pub(crate) struct Toy {
    about: Arc<About>,
    pub(crate) shop: Arc<Mutex<Shop>>,
    pub(crate) refreshed: Arc<AtomicU32>,
    pub(crate) revoked: Arc<AtomicU32>,
}

impl Toy {
    fn new() -> Self {
        let about = About {
            service: Service::new("toy"),
            name: "Toy".into(),
            description: "Things.".into(),
            kinds: vec![Kind::new("thing")],
            scopes: vec!["read".into()],
            config_schema: json!({ "type": "object" }),
        };
        let shop = Shop { resources: vec!["box".into()], token: 1, ..Shop::default() };
        Self {
            about: Arc::new(about),
            shop: Arc::new(Mutex::new(shop)),
            refreshed: Arc::default(),
            revoked: Arc::default(),
        }
    }

    pub(crate) fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn thing(id: u32, title: &str, version: u64) -> Change {
        let at = Timestamp::from_second(1_800_000_000 + i64::try_from(version).unwrap()).unwrap();
        Change::Upsert(Box::new(Draft {
            kind: Kind::new("thing"),
            external_id: id.to_string(),
            version,
            title: title.to_owned(),
            body: String::new(),
            url: None,
            author: None,
            people: Vec::new(),
            labels: Vec::new(),
            state: None,
            starts_at: None,
            ends_at: None,
            created_at: at,
            updated_at: at,
            raw: json!({ "id": id, "title": title }),
        }))
    }

    /// Full: things by id, then the log from where it was when that began.
    fn page(&self, state: Option<&Value>) -> Result<Page, Failure> {
        let mut shop = self.shop();
        if let Some(failure) = shop.failures.pop() {
            return Err(failure);
        }
        let field = |name: &str| state.and_then(|state| state[name].as_u64());
        let head = shop.log.last().map_or(0, |(version, _)| *version);
        if let Some(since) = field("since") {
            let oldest = shop.log.first().map_or(0, |(version, _)| *version);
            if since + 1 < oldest {
                return Err(Failure::resync("the log does not go back so far"));
            }
            let changed = shop.log.iter().filter(|(version, _)| *version > since).take(PAGE);
            let changes: Vec<Change> = changed
                .clone()
                .map(|(version, id)| match shop.things.get(id) {
                    Some((title, newest)) => Self::thing(*id, title, *newest),
                    None => Change::Delete(Deletion {
                        kind: Kind::new("thing"),
                        external_id: id.to_string(),
                        version: *version,
                    }),
                })
                .collect();
            let since = changed.last().map_or(since, |(version, _)| *version);
            return Ok(Page { done: since >= head, changes, state: json!({ "since": since }), units: 1 });
        }
        let (from, began) = (field("from").unwrap_or(0), field("began").unwrap_or(head));
        let page = shop.things.range(u32::try_from(from).unwrap()..).take(PAGE);
        let changes: Vec<Change> =
            page.clone().map(|(id, (title, version))| Self::thing(*id, title, *version)).collect();
        Ok(match page.last() {
            Some((id, _)) if changes.len() == PAGE => {
                Page { changes, state: json!({ "from": id + 1, "began": began }), done: false, units: 1 }
            }
            _ => Page { changes, state: json!({ "since": began }), done: true, units: 1 },
        })
    }
}

impl Provider for Toy {
    fn about(&self) -> &About {
        &self.about
    }

    fn configured(&self) -> bool {
        true
    }

    fn authorize_url(&self, authorization: &Authorization<'_>) -> Result<String, Failure> {
        Ok(format!("https://toy.example/allow?state={}", authorization.state))
    }

    fn exchange<'a>(&'a self, code: &'a Code<'a>) -> Answer<'a, Grant> {
        Box::pin(async move {
            if code.code == "bad" {
                return Err(Failure::reauth("the code is not known"));
            }
            let account = Account { id: code.code.to_owned(), name: "ana".into() };
            Ok(Grant { credentials: credentials(self.shop().token, None), account, scopes: vec!["read".into()] })
        })
    }

    fn refresh<'a>(&'a self, given: &'a Credentials) -> Answer<'a, Credentials> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.refreshed.fetch_add(1, Ordering::SeqCst);
            let mut shop = self.shop();
            // Rotates: a second refresh with the same token is refused.
            if given.refresh_token != Some(shop.token.to_string()) {
                return Err(Failure::reauth("the grant is gone"));
            }
            shop.token += 1;
            Ok(credentials(shop.token, None))
        })
    }

    fn revoke<'a>(&'a self, _credentials: &'a Credentials) -> Answer<'a, ()> {
        Box::pin(async {
            self.revoked.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    }

    fn choices<'a>(&'a self, _call: &'a Call<'a>) -> Answer<'a, BTreeMap<String, Vec<Choice>>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }

    fn check_config(&self, config: Config) -> Result<Config, String> {
        Ok(config)
    }

    fn resources<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, Vec<Resource>> {
        let params = json!({ "days": call.config.get("days") });
        let resource = move |key: &String| Resource {
            key: key.clone(),
            name: key.clone(),
            params: params.clone(),
            routes: vec![format!("box:{key}")],
        };
        Box::pin(async move { Ok(self.shop().resources.iter().map(resource).collect()) })
    }

    fn sync_page<'a>(
        &'a self,
        call: &'a Call<'a>,
        _resource: &'a Resource,
        state: Option<&'a Value>,
    ) -> Answer<'a, Page> {
        Box::pin(async move {
            if call.credentials.access_token.reveal() != self.shop().token.to_string() {
                return Err(Failure::unauthorized("the token is not accepted"));
            }
            self.page(state)
        })
    }

    fn act<'a>(&'a self, _call: &'a Call<'a>, deed: Deed<'a>) -> Answer<'a, Value> {
        Box::pin(async move {
            let mut shop = self.shop();
            shop.deeds.push(deed.id.to_owned());
            match shop.failures.pop() {
                Some(failure) => Err(failure),
                None => Ok(json!({ "n": shop.deeds.len() })),
            }
        })
    }

    fn quota(&self) -> Quota {
        Quota { units_per_minute: 60_000, burst: 10_000 }
    }
}

pub(crate) fn credentials(token: u32, expires_at: Option<Timestamp>) -> Credentials {
    Credentials {
        access_token: AccessToken::new(token.to_string()),
        refresh_token: Some(token.to_string()),
        expires_at,
        extra: Value::Null,
    }
}

/// A deployment with the toy alone, and a user who has connected it.
pub(crate) struct World {
    pub(crate) deps: Deps,
    pub(crate) toy: Toy,
    pub(crate) integration: Integration,
}

impl World {
    pub(crate) async fn new() -> Self {
        let toy = Toy::new();
        let deps = deps(store::testing::store().await, &toy).await;
        let now = web::now();
        let account = Account { id: "1".into(), name: "ana".into() };
        let new = Integration::new(UserId::mint(now), Service::new("toy"), Config::new(), now);
        let integration = new.connect(account.clone(), vec!["read".into()], now);
        assert!(deps.store.connect_integration(&integration, &account, true).await.unwrap());
        crate::credentials::keep(&deps, &integration, &credentials(1, None)).await.unwrap();
        deps.store.put_due(integration.owner, integration.id, now).await.unwrap();
        Self { deps, toy, integration }
    }

    pub(crate) fn request(&self, resource: Option<&str>, reason: Reason) -> SyncRequested {
        SyncRequested {
            user_id: self.integration.owner,
            integration_id: self.integration.id,
            resource: resource.map(str::to_owned),
            reason,
        }
    }

    /// Looks after the integration, then runs its box, as the bus would have it.
    pub(crate) async fn sync(&self, reason: Reason) {
        self.send(self.request(None, reason)).await;
        self.run("box", reason).await;
    }

    pub(crate) async fn run(&self, resource: &str, reason: Reason) {
        self.send(self.request(Some(resource), reason)).await;
    }

    async fn send(&self, request: SyncRequested) {
        let event = json!({ "detail-type": SyncRequested::DETAIL_TYPE, "detail": request });
        let event = serde_json::from_value(event).unwrap();
        crate::sync::handle(&self.deps, event, web::now()).await.unwrap();
    }

    /// What is stored, as ids and titles.
    pub(crate) async fn stored(&self) -> BTreeMap<u32, String> {
        let filter = EntityFilter { kinds: vec![Kind::new("thing")], ..EntityFilter::default() };
        let (mut all, mut after) = (BTreeMap::new(), None);
        loop {
            let page = self.deps.store.entities(self.integration.owner, &filter, after, 100).await.unwrap();
            all.extend(page.0.into_iter().map(|entity| (entity.external_id.parse().unwrap(), entity.title)));
            match page.1 {
                Some(_) => after = page.1,
                None => return all,
            }
        }
    }

    /// What the service holds.
    pub(crate) fn held(&self) -> BTreeMap<u32, String> {
        self.toy.shop().things.iter().map(|(id, (title, _))| (*id, title.clone())).collect()
    }

    pub(crate) async fn cursor(&self) -> Option<domain::sync::Cursor> {
        self.deps.store.cursor(self.integration.owner, self.integration.id, "box").await.unwrap()
    }

    pub(crate) async fn integration(&self) -> Option<Integration> {
        self.deps.store.integration(self.integration.owner, self.integration.id).await.unwrap()
    }
}

/// With a bus that takes everything and delivers nothing: tests deliver themselves.
pub(crate) async fn deps(store: Store, toy: &Toy) -> Deps {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let taken = async || axum::Json(json!({ "FailedEntryCount": 0, "Entries": [] }));
    let router = axum::Router::new().fallback(taken);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(AwsCredentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(http);
    let outbox = Outbox::to(aws_sdk_eventbridge::Client::from_conf(config.build()), "bus");
    Deps::fixed(store, outbox, Providers::new(vec![Box::new(toy.clone())]))
}

/// Some time from now.
pub(crate) fn later(seconds: i64) -> Timestamp {
    web::now() + SignedDuration::from_secs(seconds)
}
