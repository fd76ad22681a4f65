//! An account of a test's own at one of the fakes: what it holds, and what happens to it.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, Integration, PATIENCE, processes};

/// A service that is connected with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Github,
    Gmail,
    Calendar,
}

impl Service {
    pub const ALL: [Self; 3] = [Self::Github, Self::Gmail, Self::Calendar];

    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gmail => "gmail",
            Self::Calendar => "calendar",
        }
    }
}

/// Somebody with something at a service.
pub struct Account {
    pub service: Service,
    /// Login or address.
    pub who: String,
    fakes: Api,
    /// Repositories, by number, or calendars, by id: the second is there to move things to.
    places: Vec<Value>,
}

impl Account {
    /// A new one that holds some of each kind.
    pub async fn new(fakes: &Api, service: Service) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}-{}", service.name(), COUNT.fetch_add(1, Ordering::Relaxed));
        let who = if service == Service::Github { name } else { format!("{name}@example.com") };
        let mut account = Self { service, who, fakes: fakes.clone(), places: Vec::new() };
        match service {
            Service::Github => account.fill_github().await?,
            Service::Gmail => account.fill_gmail().await?,
            Service::Calendar => account.fill_calendar().await?,
        }
        Ok(account)
    }

    /// The same account where the fakes answer now.
    pub fn at(self, fakes: &Api) -> Self {
        Self { fakes: fakes.clone(), ..self }
    }

    /// What to answer on the fake's consent page.
    pub fn choice(&self) -> String {
        let name = if self.service == Service::Github { "login" } else { "account" };
        format!("{name}={}", self.who)
    }

    /// Connects it.
    pub async fn connect(&self, api: &Api) -> Result<Integration> {
        Integration::connect(api, self.service.name(), &self.choice()).await
    }

    /// What is to be listed of it, in the order of [`listed`].
    pub async fn holds(&self) -> Result<Vec<Value>> {
        let mut held = match self.service {
            Service::Github => self.held_at_github().await?,
            Service::Gmail => self.held_in_gmail().await?,
            Service::Calendar => self.held_in_calendar().await?,
        };
        held.sort_by_key(Value::to_string);
        Ok(held)
    }

    /// Waits until the product lists exactly what the account holds.
    pub async fn agrees(&self, integration: &Integration) -> Result<()> {
        let deadline = tokio::time::Instant::now() + 3 * PATIENCE;
        loop {
            // Its owner may have others.
            let entities = integration.entities(&format!("provider={}", self.service.name())).await?;
            let (held, listed) = (self.holds().await?, listed(&entities));
            if held == listed {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                let missing: Vec<_> = held.iter().filter(|held| !listed.contains(held)).collect();
                let surplus: Vec<_> = listed.iter().filter(|listed| !held.contains(listed)).collect();
                let view = integration.view().await?;
                anyhow::bail!("missing {missing:#?}, too much {surplus:#?}: {view:#}");
            }
            processes::pause().await;
        }
    }

    /// Things are changed, moved, deleted and added, `round` by round other ones.
    pub async fn change(&self, round: u64) -> Result<()> {
        match self.service {
            Service::Github => self.change_github(round).await,
            Service::Gmail => self.change_gmail(round).await,
            Service::Calendar => self.change_calendar(round).await,
        }
    }

    /// One thing more, of which the service tells once.
    pub async fn add(&self, title: &str) -> Result<()> {
        match self.service {
            Service::Github => {
                let path = format!("/repos/{}/issues", self.places[0]);
                self.github(Method::POST, &path, json!({ "title": title })).await.map(drop)
            }
            Service::Gmail => self.mail(json!({ "subject": title })).await.map(drop),
            Service::Calendar => self.event(0, event(title, 50)).await,
        }
    }

    /// Whether the service tells nobody of changes.
    pub async fn be_silent(&self, silent: bool) -> Result<()> {
        self.tell_by(if silent { ("lose", "drop") } else { ("send", "deliver") }).await
    }

    /// Holds what the service tells back until [`Self::release`].
    pub async fn hold_back(&self) -> Result<()> {
        self.tell_by(("hold", "hold")).await
    }

    /// Lets go what was held back, the last first, and goes on telling.
    pub async fn release(&self) -> Result<()> {
        match self.service {
            Service::Github => {
                drop(self.github(Method::POST, "/deliveries/release", json!({ "order": "reversed" })).await?)
            }
            _ => drop(self.google(json!({ "do": "release" })).await?),
        }
        self.be_silent(false).await
    }

    async fn tell_by(&self, (github, google): (&str, &str)) -> Result<()> {
        match self.service {
            Service::Github => drop(self.github(Method::PATCH, "/settings", json!({ "webhooks": github })).await?),
            _ => drop(self.google(json!({ "do": "notifications", "mode": google })).await?),
        }
        Ok(())
    }

    /// Access tokens of now are good for nothing any more.
    pub async fn expire_access(&self) -> Result<()> {
        match self.service {
            Service::Github => {
                drop(self.github(Method::POST, &format!("/users/{}/expire", self.who), json!({})).await?)
            }
            _ => drop(self.google(json!({ "do": "expire_access", "account": self.who })).await?),
        }
        Ok(())
    }

    /// Its owner takes back, at the service, what was granted.
    pub async fn revoke(&self) -> Result<()> {
        match self.service {
            Service::Github => {
                drop(self.github(Method::POST, &format!("/users/{}/revoke", self.who), json!({})).await?)
            }
            _ => drop(self.google(json!({ "do": "end_grant", "account": self.who })).await?),
        }
        Ok(())
    }

    /// Calls of the service with this in their path, oldest first.
    pub async fn calls(&self, path: &str) -> Result<Vec<Value>> {
        let provider = if self.service == Service::Github { "github" } else { "google" };
        let calls = self.fakes.get(&format!("/control/calls?provider={provider}&path={path}")).await?.expect(200)?;
        Ok(calls.as_array().context("calls")?.clone())
    }

    /// An order to GitHub's fake.
    pub async fn github(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = self.fakes.request(method, &format!("/control/github{path}")).json(&body);
        let answer = self.fakes.answer(request).await?;
        ensure!(answer.status < 300, "{path}: {answer:?}");
        Ok(answer.body)
    }

    /// An order to Google's fake.
    pub async fn google(&self, order: Value) -> Result<Value> {
        let answer = self.fakes.post("/control/google", &order).await?;
        ensure!(answer.status < 300, "{order}: {answer:?}");
        Ok(answer.body)
    }

    async fn fill_github(&mut self) -> Result<()> {
        self.github(Method::POST, "/users", json!({ "login": self.who })).await?;
        self.github(Method::POST, "/installations", json!({ "account": self.who })).await?;
        for (name, issues, pulls) in [("first", 30, 9), ("second", 3, 1)] {
            let new = json!({ "owner": self.who, "name": name, "issues": issues, "pulls": pulls });
            self.places.push(self.github(Method::POST, "/repos", new).await?["id"].clone());
        }
        Ok(())
    }

    async fn held_at_github(&self) -> Result<Vec<Value>> {
        let state = self.fakes.get("/control/github/state").await?.expect(200)?;
        let repos = state["repos"].as_array().context("repositories")?;
        let theirs = repos.iter().filter(|repo| repo["owner"]["login"] == self.who.as_str());
        let mut held = Vec::new();
        for repo in theirs {
            held.push(entity("repository", &repo["id"].to_string(), &repo["full_name"], "active", &repo["html_url"]));
            for issue in repo["issues"].as_array().context("issues")? {
                let pull = &issue["pull_request"];
                let state =
                    if pull["merged_at"].is_string() { "merged" } else { issue["state"].as_str().unwrap_or("") };
                let kind = if pull.is_object() { "pull_request" } else { "issue" };
                held.push(entity(kind, &issue["number"].to_string(), &issue["title"], state, &issue["html_url"]));
            }
        }
        Ok(held)
    }

    async fn change_github(&self, round: u64) -> Result<()> {
        let (first, second) = (&self.places[0], &self.places[1]);
        let state = self.fakes.get("/control/github/state").await?.expect(200)?;
        let repo = state["repos"].as_array().context("repositories")?.iter().find(|repo| repo["id"] == *first);
        let issues = repo.context("the first repository")?["issues"].as_array().context("issues")?;
        let number = |pull: bool, at: usize| {
            let open = |issue: &&Value| issue["pull_request"].is_object() == pull && issue["state"] == "open";
            let found = issues.iter().filter(open).nth(at).context("too few issues")?;
            found["number"].as_u64().context("a number")
        };
        let at = |number: u64| format!("/repos/{first}/issues/{number}");
        self.github(Method::PATCH, &at(number(false, 0)?), json!({ "title": format!("Other words {round}") })).await?;
        self.github(Method::PATCH, &at(number(false, 1)?), json!({ "state": "closed" })).await?;
        self.github(Method::PATCH, &at(number(true, 0)?), json!({ "merged": true })).await?;
        self.github(Method::DELETE, &at(number(false, 2)?), json!({})).await?;
        self.github(Method::POST, &format!("{}/transfer", at(number(false, 3)?)), json!({ "to": second })).await?;
        let new = |pull: bool| json!({ "title": format!("New {round}"), "pull": pull });
        // As many as were closed and taken away, so that there are enough for the next round.
        for pull in [false, false, false, true] {
            self.github(Method::POST, &format!("/repos/{first}/issues"), new(pull)).await?;
        }
        self.github(Method::POST, &format!("/repos/{second}/issues"), new(true)).await?;
        self.github(Method::PATCH, &format!("/repos/{second}"), json!({ "name": format!("renamed-{round}") })).await?;
        Ok(())
    }

    async fn fill_gmail(&mut self) -> Result<()> {
        self.google(json!({ "do": "add_account", "email": self.who, "name": "Somebody" })).await?;
        self.mail(json!({ "subject": "Letter", "count": 25 })).await?;
        let first = self.mail(json!({ "subject": "Plan", "days_ago": 3 })).await?;
        self.mail(json!({ "subject": "Re: Plan", "days_ago": 2, "thread_id": first[0] })).await?;
        Ok(())
    }

    /// Messages that arrive; their ids.
    async fn mail(&self, mut message: Value) -> Result<Vec<Value>> {
        message["from"] = "Grace Hopper <grace@example.com>".into();
        let done = self.google(json!({ "do": "add_message", "account": self.who, "message": message })).await?;
        Ok(done["ids"].as_array().context("ids")?.clone())
    }

    async fn held_by_google(&self) -> Result<Value> {
        let shown = self.fakes.get(&format!("/control/google?account={}", self.who)).await?.expect(200)?;
        Ok(shown["accounts"][0].clone())
    }

    async fn held_in_gmail(&self) -> Result<Vec<Value>> {
        let shown = self.held_by_google().await?;
        let messages = shown["messages"].as_array().context("messages")?;
        let date =
            |message: &Value| message["internalDate"].as_str().and_then(|ms| ms.parse::<u64>().ok()).unwrap_or(0);
        let subject = |message: &Value| {
            let headers = message["payload"]["headers"].as_array().cloned().unwrap_or_default();
            headers.into_iter().find(|header| header["name"] == "Subject").map(|header| header["value"].clone())
        };
        let mut held = Vec::new();
        for message in messages {
            let subject = subject(message).context("a subject")?;
            let mut told = entity("message", message["id"].as_str().unwrap_or(""), &subject, "", &Value::Null);
            told["labels"] = sorted(&message["labelIds"]);
            held.push(told);
            let of_thread = messages.iter().filter(|other| other["threadId"] == message["threadId"]);
            // The newest speaks for its thread; of two at once the one that came later.
            let newest = of_thread.max_by_key(|other| (date(other), other["id"].to_string()));
            if newest.is_some_and(|newest| newest["id"] == message["id"]) {
                let words = subject.as_str().unwrap_or("").trim_start_matches("Re: ");
                held.push(entity(
                    "thread",
                    message["threadId"].as_str().unwrap_or(""),
                    &words.into(),
                    "",
                    &Value::Null,
                ));
            }
        }
        Ok(held)
    }

    async fn change_gmail(&self, round: u64) -> Result<()> {
        let shown = self.held_by_google().await?;
        let id = |at: usize| shown["messages"][at]["id"].clone();
        let (who, thread) = (&self.who, &shown["messages"][2]["threadId"]);
        self.google(json!({ "do": "relabel", "account": who, "id": id(0), "add": ["STARRED"], "remove": ["UNREAD"] }))
            .await?;
        // Moved out of the inbox, into a folder.
        self.google(json!({ "do": "relabel", "account": who, "id": id(1), "add": ["Label_1"], "remove": ["INBOX"] }))
            .await?;
        self.google(json!({ "do": "delete_message", "account": who, "id": id(3) })).await?;
        self.mail(json!({ "subject": format!("Re: Letter {round}"), "thread_id": thread })).await?;
        self.mail(json!({ "subject": format!("News {round}") })).await?;
        Ok(())
    }

    async fn fill_calendar(&mut self) -> Result<()> {
        self.google(json!({ "do": "add_account", "email": self.who, "name": "Somebody" })).await?;
        let other = format!("{}@group.calendar.google.com", self.who.replace('@', "-"));
        self.google(json!({ "do": "add_calendar", "account": self.who, "id": other, "summary": "Team" })).await?;
        self.places = vec!["primary".into(), other.into()];
        for n in 0..12 {
            self.event(0, event(&format!("Meeting {n}"), n)).await?;
        }
        self.event(1, event("Planning", 20)).await?;
        let mut weekly = event("Weekly", 2);
        weekly["recurrence"] = json!(["RRULE:FREQ=WEEKLY;COUNT=3"]);
        self.event(1, weekly).await
    }

    async fn event(&self, place: usize, event: Value) -> Result<()> {
        let order = json!({ "do": "add_event", "account": self.who, "calendar": self.places[place], "event": event });
        self.google(order).await.map(drop)
    }

    async fn held_in_calendar(&self) -> Result<Vec<Value>> {
        let shown = self.held_by_google().await?;
        let calendars = shown["calendars"].as_array().context("calendars")?;
        let mut held = Vec::new();
        for event in calendars.iter().flat_map(|calendar| calendar["events"].as_array().cloned().unwrap_or_default()) {
            let start: Timestamp = event["start"]["dateTime"].as_str().context("a start")?.parse()?;
            let weeks = if event["recurrence"].is_array() { 3 } else { 1 };
            for week in 0..weeks {
                let mut told = entity("event", "", &event["summary"], "confirmed", &Value::Null);
                told["starts_at"] = (start + SignedDuration::from_hours(week * 7 * 24)).to_string().into();
                held.push(told);
            }
        }
        Ok(held)
    }

    async fn change_calendar(&self, round: u64) -> Result<()> {
        let shown = self.held_by_google().await?;
        let mut calendars = shown["calendars"].as_array().context("calendars")?.iter();
        let own = calendars.find(|calendar| calendar["id"] == self.who.as_str()).context("their own calendar")?;
        let id = |at: usize| own["events"][at]["id"].clone();
        let (who, from, to) = (&self.who, &own["id"], &self.places[1]);
        let at = |id: Value| json!({ "account": who, "calendar": from, "id": id });
        let order = |what: &str, mut order: Value, more: Value| {
            order["do"] = what.into();
            more.as_object().into_iter().flatten().for_each(|(name, value)| order[name.as_str()] = value.clone());
            order
        };
        let later = event(&format!("Other words {round}"), 30);
        self.google(order("change_event", at(id(0)), json!({ "fields": later }))).await?;
        self.google(order("delete_event", at(id(1)), json!({}))).await?;
        self.google(json!({ "do": "move_event", "account": who, "from": from, "to": to, "id": id(2) })).await?;
        for days in [40, 41] {
            self.event(0, event(&format!("New {round}"), days)).await?;
        }
        Ok(())
    }
}

/// An event some days from now.
fn event(summary: &str, days: i64) -> Value {
    let hour = 3_600;
    let now = Timestamp::now().as_second() / hour * hour;
    let at = |hours: i64| Timestamp::from_second(now + (days * 24 + hours) * hour).map(|at| at.to_string());
    let at = |hours: i64| json!({ "dateTime": at(hours).unwrap_or_default(), "timeZone": "UTC" });
    json!({ "summary": summary, "start": at(1), "end": at(2) })
}

fn entity(kind: &str, external_id: &str, title: &Value, state: &str, url: &Value) -> Value {
    json!({ "kind": kind, "id": external_id, "title": title, "state": state, "url": url, "labels": [], "starts_at": null })
}

fn sorted(labels: &Value) -> Value {
    let mut labels = labels.as_array().cloned().unwrap_or_default();
    labels.sort_by_key(Value::to_string);
    labels.into()
}

/// Entities as [`Account::holds`] tells what there is.
pub fn listed(entities: &[Value]) -> Vec<Value> {
    let mut listed: Vec<Value> = entities
        .iter()
        .map(|it| {
            let kind = it["kind"].as_str().unwrap_or_default();
            // Instances of a recurring event have ids of their own.
            let id = if kind == "event" { "" } else { it["external_id"].as_str().unwrap_or_default() };
            let github = it["provider"] == "github";
            let url = if github { &it["url"] } else { &Value::Null };
            let mut told = entity(kind, id, &it["title"], it["state"].as_str().unwrap_or_default(), url);
            if kind == "message" {
                told["labels"] = sorted(&it["labels"]);
            }
            told["starts_at"] = it["starts_at"].clone();
            told
        })
        .collect();
    listed.sort_by_key(Value::to_string);
    listed
}
