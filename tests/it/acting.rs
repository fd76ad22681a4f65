//! What agents and programs do at a service, where others see it: off at first, asked for in the
//! session or done at once as the account's user says, and done once.

use anyhow::{Context, Result};
use domain::Scope;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::mcp::official_client;
use tests::{Account, Api, Integration, Service, Session, SseViewer, Stack};

/// A user with an account at a service, of whose actions this was said before it was connected.
struct Acting {
    stack: &'static Stack,
    user: String,
    api: Api,
    account: Account,
    integration: Integration,
}

impl Acting {
    async fn new(service: Service, actions: &str) -> Result<Self> {
        let stack = Stack::shared().await;
        let seed = stack.seed().await?;
        let user = seed.user_id().await?;
        let api = stack.api().with_token(&seed.token_with(&user, Scope::ALL).await?);
        let account = Account::new(&stack.fakes(), service).await?;
        let path = format!("/api/integrations/{}/configure", service.name());
        assert_eq!(api.post(&path, &json!({ "actions": actions })).await?.expect(201)?["actions"], actions);
        let integration = account.connect(&api).await?;
        account.agrees(&integration).await?;
        Ok(Self { stack, user, api, account, integration })
    }

    /// Says how the account may be acted for from now on.
    async fn set(&self, actions: &str) -> Result<Value> {
        let path = format!("/api/integrations/{}/configure", self.account.service.name());
        self.api.post(&path, &json!({ "actions": actions, "integration_id": self.integration.id })).await?.expect(200)
    }

    /// A comment on the first issue of the account's first repository.
    fn comment(&self, body: &str) -> Value {
        json!({ "repository": format!("{}/first", self.account.who), "number": 1, "body": body })
    }

    /// How often the issue's page at GitHub shows this.
    async fn shown(&self, body: &str) -> Result<usize> {
        let page = self.stack.fakes().get(&format!("/github/{}/first/issues/1", self.account.who)).await?;
        Ok(page.text.matches(body).count())
    }

    /// What the account's audit log says of a tool: by whom, about what, with what result.
    async fn audited(&self, tool: &str) -> Result<Vec<Value>> {
        let log = self.api.get("/api/audit?limit=100").await?.expect(200)?;
        let records = log["records"].as_array().context("records")?;
        let ours = records.iter().filter(|record| record["action"] == format!("POST /mcp {tool}"));
        Ok(ours.map(|record| json!([record["by"], record["target"], record["result"]])).collect())
    }

    /// A session whose agent comments, at the point where its user is asked.
    async fn asked(&self, body: &str) -> Result<(Session, SseViewer, Value)> {
        let session = Session::create_as(self.stack, self.api.clone(), &json!({ "workspace": "/workspace/p" })).await?;
        let mut viewer = session.stream(&self.prompt(body)).await?;
        let asked = viewer.until_type("permission.asked").await?;
        Ok((session, viewer, asked.value["permission"].clone()))
    }

    /// Does something twice, which is to be done once, and something that can't be done at all.
    async fn done_once(&self, tool: &str, given: Value, wrong: Value) -> Result<()> {
        let seen = official_client(&self.api, &[(tool, given.clone()), (tool, given), (tool, wrong)]).await?;
        assert_eq!(names(&seen.tools), [tool]);
        let done = |at: usize| &seen.results[at]["result"]["structuredContent"]["untrusted"]["done"]["id"];
        assert!(done(0).is_string() && done(0) == done(1), "{:?}", seen.results);
        assert_eq!(seen.results[2]["error"]["code"], -32602, "{}", seen.results[2]);
        self.integration.sync().await.map(drop)
    }

    /// Finds the one thing by the tools, and reads it: live when its copy may be stale, or when asked to.
    async fn read_live(&self, find: Value, text: &str) -> Result<()> {
        let found = official_client(&self.api, &[("search_entities", find)]).await?;
        let entities = &found.results[0]["result"]["structuredContent"]["untrusted"]["entities"];
        assert_eq!(entities.as_array().map(Vec::len), Some(1), "{}", found.results[0]);
        let read = |live: &str| ("read_entity", json!({ "id": entities[0]["id"], "live": live }));
        let live = |result: &Value| result["result"]["structuredContent"]["untrusted"]["live"].clone();
        let fresh = official_client(&self.api, &[read("auto"), read("always")]).await?;
        assert!(live(&fresh.results[0]).is_null(), "the copy is fresh: {}", fresh.results[0]);
        assert!(live(&fresh.results[1]).to_string().contains(text), "{}", fresh.results[1]);

        self.stack.seed().await?.copies_age(&self.user, &self.integration.id).await?;
        let stale = official_client(&self.api, &[read("auto"), read("never")]).await?;
        assert!(live(&stale.results[0]).to_string().contains(text), "{}", stale.results[0]);
        assert!(live(&stale.results[1]).is_null(), "{}", stale.results[1]);
        Ok(())
    }

    fn prompt(&self, body: &str) -> String {
        format!("[[tool ops_comment_on_issue {}]][[text n=1]]", self.comment(body))
    }
}

async fn answer(session: &Session, permission: &Value, reply: Value) -> Result<()> {
    let id = permission["id"].as_str().context("a permission has an id")?;
    session.api.post(&session.path(&format!("/permissions/{id}")), &reply).await?.expect(202)?;
    Ok(())
}

/// What came of the turn's first tool call.
async fn told(session: &Session, turn: u64) -> Result<String> {
    let answer = session.answer(turn).await?;
    let call = &answer["tool_calls"][0];
    Ok(format!("{} {}", call["status"], call["output"]))
}

fn names(tools: &[Value]) -> Vec<&str> {
    let names = tools.iter().filter_map(|tool| tool["name"].as_str());
    names.filter(|name| domain::action::TOOLS.contains(name)).collect()
}

/// The words of a call that was refused.
fn refusal(result: &Value) -> &str {
    assert_eq!(result["result"]["isError"], true, "{result}");
    result["result"]["content"][0]["text"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn nothing_is_done_until_the_user_switches_it_on() -> Result<()> {
    let acting = Acting::new(Service::Github, "deny").await?;
    let comment = acting.comment("Not by an agent");
    let seen = official_client(&acting.api, &[("comment_on_issue", comment.clone())]).await?;
    assert_eq!(names(&seen.tools), [""; 0]);
    assert!(refusal(&seen.results[0]).starts_with("not_permitted: doing anything at github is off"));
    // Nobody can be asked where there is no session.
    acting.set("ask").await?;
    let seen = official_client(&acting.api, &[("comment_on_issue", comment.clone())]).await?;
    assert_eq!(names(&seen.tools), [""; 0]);
    assert!(refusal(&seen.results[0]).starts_with("nobody_to_ask: "), "{}", seen.results[0]);
    // A token that may not write integrations may not write there either.
    acting.set("allow").await?;
    let token = acting.stack.seed().await?.token_with(&acting.user, [Scope::Mcp]).await?;
    let seen = official_client(&acting.api.with_token(&token), &[("comment_on_issue", comment.clone())]).await?;
    assert_eq!(names(&seen.tools), [""; 0]);
    assert!(refusal(&seen.results[0]).starts_with("not_permitted: "), "{}", seen.results[0]);
    // Nor a session whose user took the tool from its agent, whoever calls it.
    let body = json!({ "workspace": "/workspace/p", "permissions": { "ops_comment_on_issue": "deny" } });
    let session = Session::create_as(acting.stack, acting.api.clone(), &body).await?;
    session.run(&acting.prompt("Not by an agent")).await?;
    let agent = acting.api.with_token(&session.task()?.runner()?.variable("RUNNER_TOKEN")?);
    let seen = official_client(&agent, &[("comment_on_issue", comment)]).await?;
    assert_eq!(names(&seen.tools), ["open_pull_request"]);
    assert!(refusal(&seen.results[0]).starts_with("not_permitted: "), "{}", seen.results[0]);
    assert_eq!(acting.shown("Not by an agent").await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_allowed_is_done_once_and_is_synced_back() -> Result<()> {
    let acting = Acting::new(Service::Github, "allow").await?;
    let (comment, repository) = (acting.comment("Seen by the agent"), format!("{}/first", acting.account.who));
    let pull = json!({ "repository": repository, "title": "Mend it", "head": "mend", "base": "main", "draft": true });
    let mut second = comment.clone();
    second["occurrence"] = 2.into();
    let mut of_nobody = comment.clone();
    of_nobody["account"] = "somebody-else".into();
    let seen = official_client(
        &acting.api,
        &[
            ("comment_on_issue", comment.clone()),
            ("comment_on_issue", comment),
            ("open_pull_request", pull),
            ("comment_on_issue", json!({ "repository": repository, "number": "one", "body": "b" })),
            ("comment_on_issue", json!({ "repository": repository, "number": 1, "body": "b", "loud": true })),
            ("comment_on_issue", json!({ "repository": "no repository", "number": 1, "body": "b" })),
            ("comment_on_issue", json!({ "repository": repository, "number": 999, "body": "b" })),
            ("comment_on_issue", of_nobody),
        ],
    )
    .await?;
    assert_eq!(names(&seen.tools), ["comment_on_issue", "open_pull_request"]);
    let tool = seen.tools.iter().find(|tool| tool["name"] == "comment_on_issue").context("the tool")?;
    assert_eq!(tool["annotations"]["readOnlyHint"], false, "{tool}");
    let done = |at: usize| &seen.results[at]["result"]["structuredContent"]["untrusted"];
    assert_eq!(done(0), done(1), "the very same is not done again");
    assert!(done(0)["done"]["url"].as_str().is_some_and(|url| url.contains("first")), "{}", seen.results[0]);
    for at in [3, 4, 5] {
        assert_eq!(seen.results[at]["error"]["code"], -32602, "{}", seen.results[at]);
    }
    assert!(refusal(&seen.results[6]).starts_with("provider_failed: GitHub has no such repository or issue"));
    assert!(refusal(&seen.results[7]).starts_with("not_connected: "));
    assert_eq!(acting.shown("Seen by the agent").await?, 1);
    let ok = acting.audited("comment_on_issue").await?.into_iter().filter(|record| record[2] == "ok").count();
    assert_eq!((ok, acting.audited("open_pull_request").await?.len()), (2, 1));

    acting.integration.sync().await?;
    let pulls = acting.integration.entities("kind=pull_request&text=Mend%20it").await?;
    assert_eq!((pulls.len(), &pulls[0]["title"]), (1, &json!("Mend it")));
    let issues = acting.integration.entities("kind=issue").await?;
    let issue = issues.iter().find(|issue| issue["url"].as_str().is_some_and(|url| url.ends_with("/first/issues/1")));
    let id = issue.context("the issue")?["id"].as_str().context("an id")?;
    let synced = acting.api.get(&format!("/api/entities/{id}")).await?.expect(200)?;
    assert_eq!(synced["raw"]["comments"], 1, "{synced}");

    // What is meant a second time is done a second time.
    official_client(&acting.api, &[("comment_on_issue", second)]).await?;
    assert_eq!(acting.shown("Seen by the agent").await?, 2);
    Ok(())
}

#[tokio::test]
async fn mail_is_sent_and_is_read_live() -> Result<()> {
    let acting = Acting::new(Service::Gmail, "allow").await?;
    let letter = json!({ "to": ["grace@example.com"], "subject": "Grüße", "body": "Bis Dienstag, mit Kuchen" });
    acting.done_once("send_mail", letter, json!({ "to": ["grace"], "subject": "s", "body": "b" })).await?;
    // Only the live reading has the text whole.
    acting.read_live(json!({ "kind": "message", "text": "Grüße" }), "Bis Dienstag, mit Kuchen").await
}

#[tokio::test]
async fn an_event_is_created_and_is_read_live() -> Result<()> {
    let acting = Acting::new(Service::Calendar, "allow").await?;
    let starts_at = Timestamp::now() + SignedDuration::from_hours(24);
    let event = |hours: i64| {
        let ends_at = starts_at + SignedDuration::from_hours(hours);
        json!({ "title": "Kuchen", "starts_at": starts_at, "ends_at": ends_at, "people": ["grace@example.com"] })
    };
    acting.done_once("create_event", event(1), event(-1)).await?;
    acting.read_live(json!({ "kind": "event", "text": "Kuchen" }), "grace@example.com").await
}

#[tokio::test]
async fn what_actions_need_is_asked_for_once_they_are_on() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let account = Account::new(&stack.fakes(), Service::Gmail).await?;
    let integration = account.connect(&api).await?;
    let scope = "https://www.googleapis.com/auth/gmail.send";
    let view = integration.view().await?;
    assert_eq!((&view["actions"], &view["missing_scopes"]), (&json!("deny"), &json!([])));
    assert!(!view["scopes"].to_string().contains("gmail.send"), "{view}");

    let on = json!({ "actions": "allow", "integration_id": integration.id });
    let view = api.post("/api/integrations/gmail/configure", &on).await?.expect(200)?;
    assert_eq!(view["missing_scopes"], json!([scope]));
    assert_eq!(view["config"], integration.view().await?["config"], "what is synced stays as it was");
    let letter = json!({ "to": ["grace@example.com"], "subject": "Hi", "body": "b" });
    let seen = official_client(&api, &[("send_mail", letter.clone())]).await?;
    let said = refusal(&seen.results[0]);
    assert!(said.starts_with("needs_reauth") && said.contains("gmail.send") && said.contains("Connect"), "{said}");

    Integration::connect_again(&api, "gmail", &integration.id).await?;
    let view = integration.view().await?;
    assert_eq!(view["missing_scopes"], json!([]));
    assert!(view["scopes"].to_string().contains(scope), "{view}");
    let seen = official_client(&api, &[("send_mail", letter)]).await?;
    assert!(seen.results[0]["result"]["isError"] != true, "{}", seen.results[0]);
    Ok(())
}

#[tokio::test]
async fn an_agent_asks_with_exactly_what_it_will_do_and_does_it_once() -> Result<()> {
    let acting = Acting::new(Service::Github, "ask").await?;
    let (session, mut viewer, permission) = acting.asked("Agreed by its user").await?;
    assert_eq!(permission["permission"], "ops_comment_on_issue", "{permission}");
    let mut action = acting.comment("Agreed by its user");
    action["account"] = acting.account.who.as_str().into();
    assert_eq!(permission["metadata"], action);
    let lines = [
        format!("account: {}", acting.account.who),
        format!("on: {}/first#1", acting.account.who),
        "comment: Agreed by its user".to_owned(),
    ];
    assert_eq!(permission["patterns"], json!(lines));
    assert_eq!(acting.shown("Agreed by its user").await?, 0, "not before consent");
    answer(&session, &permission, json!({ "reply": "once" })).await?;
    let answered = viewer.until_type("permission.answered").await?;
    assert_eq!(answered.value["permission_id"], permission["id"]);
    let turn = viewer.to_end().await?;
    assert!(turn.completed(), "{}", turn.names());
    let told_of = told(&session, 1).await?;
    assert!(told_of.starts_with("\"completed\"") && told_of.contains("issues/1"), "{told_of}");
    assert_eq!(acting.shown("Agreed by its user").await?, 1);
    let id = session.view().await?["id"].clone();
    assert_eq!(acting.audited("comment_on_issue").await?, [json!([id, id, "ok"])]);

    // The very same again is answered with what was done, and nobody is bothered.
    let turn = session.run(&acting.prompt("Agreed by its user")).await?;
    assert!(turn.completed() && !turn.has("permission.asked"), "{}", turn.names());
    assert_eq!(acting.shown("Agreed by its user").await?, 1);
    // Something else is asked for, however often the same was agreed to.
    let mut viewer = session.stream(&acting.prompt("Something else")).await?;
    let permission = viewer.until_type("permission.asked").await?.value["permission"].clone();
    answer(&session, &permission, json!({ "reply": "always" })).await?;
    assert!(viewer.to_end().await?.completed());
    // Until the user agrees for good to what is done in this place.
    let turn = session.run(&acting.prompt("One more thing")).await?;
    assert!(turn.completed() && !turn.has("permission.asked"), "{}", turn.names());
    assert_eq!((acting.shown("Something else").await?, acting.shown("One more thing").await?), (1, 1));
    Ok(())
}

#[tokio::test]
async fn what_the_user_rejects_is_not_done_and_the_agent_hears_why() -> Result<()> {
    let acting = Acting::new(Service::Github, "ask").await?;
    let (session, viewer, permission) = acting.asked("Rejected").await?;
    answer(&session, &permission, json!({ "reply": "reject", "message": "too early" })).await?;
    let turn = viewer.to_end().await?;
    assert!(turn.has("permission.answered"), "{}", turn.names());
    let told = told(&session, 1).await?;
    assert!(told.contains("the user refused this, and said: too early"), "{told}");
    assert_eq!(acting.shown("Rejected").await?, 0);
    // Whoever stops the turn leaves nothing that waits for consent.
    let mut viewer = session.stream(&acting.prompt("Stopped")).await?;
    let permission = viewer.until_type("permission.asked").await?.value["permission"].clone();
    assert_eq!(session.abort().await?.status, 202);
    let turn = viewer.to_end().await?;
    assert!(turn.has("permission.expired") && turn.has("turn.aborted"), "{}", turn.names());
    answer(&session, &permission, json!({ "reply": "once" })).await?;
    assert!(session.run("[[text n=1]]").await?.completed());
    assert_eq!(acting.shown("Stopped").await?, 0);
    Ok(())
}
