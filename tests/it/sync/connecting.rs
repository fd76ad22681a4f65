//! The way in, the way back in, and the way out.

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Account, Integration, Service, Stack};

use super::{Connected, SYNC};

/// Callers at once; each may be an environment of its own.
const CALLERS: usize = 12;

fn token_path(service: Service) -> &'static str {
    if service == Service::Github { "/login/oauth/access_token" } else { "/oauth/token" }
}

#[tokio::test]
async fn an_access_that_has_expired_is_renewed_once_however_many_need_it() -> Result<()> {
    for service in [Service::Github, Service::Gmail] {
        let Connected { stack, account, integration, api, .. } = &Connected::new(service).await?;
        let before = account.calls(token_path(service)).await?.len();
        account.expire_access().await?;
        let path = format!("/api/integrations/{}/choices", integration.id);
        let answers = join_all((0..CALLERS).map(|_| api.get(&path))).await;
        for answer in answers {
            answer?.expect(200)?;
        }
        let renewals = account.calls(token_path(service)).await?.len() - before;
        assert_eq!(renewals, 1, "{service:?}");
        let environments = stack.stats().await?["functions"]["IntegrationsHttpFunction"]["cold_starts"].as_u64();
        ensure!(environments > Some(1), "all of them were one process");
    }
    Ok(())
}

#[tokio::test]
async fn a_grant_that_was_taken_back_asks_for_its_owner_and_nothing_is_lost() -> Result<()> {
    for service in Service::ALL {
        let Connected { account, integration, api, .. } = &Connected::new(service).await?;
        let held = account.holds().await?;
        account.revoke().await?;
        let sync = format!("/api/integrations/{}/sync", integration.id);
        // GitHub tells of it by itself, and may have been faster.
        let asked = api.post(&sync, &json!({})).await?;
        ensure!(asked.status == 202 || asked.code() == "needs_reauth", "{asked:?}");
        let view = integration.until(|view| view["connection"] == "needs_reauth").await?;
        assert_eq!(view["problem"]["class"], "reauth", "{view:#}");
        assert_eq!(tests::listed(&integration.entities("").await?), held, "what was read stays");
        assert_eq!(api.post(&sync, &json!({})).await?.code(), "needs_reauth");

        account.be_silent(true).await?;
        account.change(1).await?;
        let again = Integration::connect_again(api, service.name(), &integration.id).await?;
        assert_eq!(again.id, integration.id);
        account.agrees(integration).await?;
        assert_eq!(integration.view().await?["problem"], Value::Null);
    }
    Ok(())
}

#[tokio::test]
async fn a_disconnected_account_is_forgotten_and_its_grant_given_back() -> Result<()> {
    for service in Service::ALL {
        let Connected { stack, account, integration, api, user } = &Connected::new(service).await?;
        let path = format!("/api/integrations/{}", integration.id);
        api.delete(&path).await?.expect(202)?;
        let gone = async || Ok(api.get(&path).await?.code() == "integration_not_found");
        integration.until_or(|_| false, gone).await?;
        assert_eq!(api.get("/api/entities").await?.expect(200)?["entities"], json!([]));
        let traces = stack.seed().await?.traces_of(&integration.id).await?;
        let left: Vec<_> = traces.iter().filter(|item| !item.contains("#AUDIT")).collect();
        ensure!(left.is_empty(), "{left:?}");
        ensure!(!stack.holds_objects_of(&format!("{user}/raw"))?, "what the service sent is still kept");
        let revoke = if service == Service::Github { "/applications/" } else { "/oauth/revoke" };
        let revoked = account.calls(revoke).await?;
        ensure!(revoked.iter().any(|call| call["status"].as_u64() < Some(300)), "{revoked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_refused_or_left_out_is_not_connected() -> Result<()> {
    let stack = Stack::shared().await;
    let (_, api) = super::user(stack).await?;
    for service in Service::ALL {
        let account = Account::new(&stack.fakes(), service).await?;
        let denied = Integration::come_back(&api, service.name(), &format!("auto=deny&{}", account.choice())).await?;
        assert_eq!(denied, "/integrations?error=access_denied", "{service:?}");
    }
    assert_eq!(api.get("/api/integrations").await?.expect(200)?["integrations"], json!([]));
    let account = Account::new(&stack.fakes(), Service::Gmail).await?;
    let integration = account.connect(&api).await?;
    let records = api.get("/api/audit").await?.expect(200)?["records"].clone();
    let told =
        |at: usize| (records[at]["action"].as_str(), records[at]["target"].as_str(), records[at]["result"].as_str());
    let action = Some("GET /api/integrations/{id}/callback");
    assert_eq!(told(0), (action, Some(integration.id.as_str()), Some("ok")));
    assert_eq!(told(1), (action, Some("/api/integrations/calendar/callback"), Some("access_denied")));
    Ok(())
}

#[tokio::test]
async fn credentials_are_sealed_anew_while_everything_runs_and_the_old_key_can_go() -> Result<()> {
    let Connected { stack, account, user, .. } = Connected::on(Stack::start().await?, Service::Github).await?;
    // A key more: it seals from now on, and the old one still opens.
    let stack = stack.restart_with(&[("ENCRYPTION_KEYS", "new:another-key-of-thirty-two-letters")]).await?;
    let resealed = stack.invoke(SYNC, &json!({ "detail-type": "credentials.reseal" })).await?;
    assert_eq!(resealed, json!({ "resealed": 1, "failed": 0 }));
    let stack = stack.restart_with(&[("ENCRYPTION_KEY", "nobody-knows-the-old-one-any-more")]).await?;
    let seed = stack.seed().await?;
    let api = stack.api().with_token(&seed.token_with(&user, domain::Scope::ALL).await?);
    let id = api.get("/api/integrations").await?.expect(200)?["integrations"][0]["id"].clone();
    let integration = Integration::of(&api, id.as_str().context("an id")?);
    let account = account.at(&stack.fakes());
    account.change(1).await?;
    integration.sync().await?;
    account.agrees(&integration).await
}

#[tokio::test]
async fn no_credential_shows_in_a_log_or_in_the_table() -> Result<()> {
    let stack = Stack::start().await?;
    let (_, api) = super::user(&stack).await?;
    for service in Service::ALL {
        let account = Account::new(&stack.fakes(), service).await?;
        let integration = account.connect(&api).await?;
        account.agrees(&integration).await?;
        account.expire_access().await?;
        integration.sync().await?;
    }
    // How the fakes' tokens begin, as the services' own do.
    for mark in ["ghu_", "ghr_", "ghs_", "ya29.", "1//0"] {
        ensure!(stack.seed().await?.traces_of(mark).await?.is_empty(), "{mark} is in the table");
        for log in std::fs::read_dir(stack.home().join("logs"))?.flatten().filter(|log| log.path().is_file()) {
            let text = std::fs::read(log.path())?;
            ensure!(!String::from_utf8_lossy(&text).contains(mark), "{mark} is in {}", log.path().display());
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_way_back_that_another_browser_began_or_that_was_used_connects_nothing() -> Result<()> {
    let stack = Stack::shared().await;
    let (_, api) = super::user(stack).await?;
    let (_, other) = super::user(stack).await?;
    let account = Account::new(&stack.fakes(), Service::Gmail).await?;
    let back = Integration::way_back(&api, "gmail", &format!("auto=allow&{}", account.choice())).await?;
    let query = |name: &str| {
        let url = reqwest::Url::parse(&back)?;
        let found = url.query_pairs().find(|(each, _)| each == name).map(|(_, value)| value.into_owned());
        found.with_context(|| format!("{back} has no {name}"))
    };
    let body = json!({ "code": query("code")?, "state": query("state")? });
    let stolen = other.post("/api/integrations/callback", &body).await?;
    assert_eq!((stolen.status, stolen.code()), (400, "state_unknown"));
    let late = api.post("/api/integrations/callback", &body).await?;
    assert_eq!((late.status, late.code()), (400, "state_unknown"), "it was used up");

    let back = Integration::way_back(&api, "gmail", &format!("auto=allow&{}", account.choice())).await?;
    for (path, error) in [(back.replace("/gmail/", "/calendar/"), "other_service"), (back.clone(), "state_unknown")] {
        let path = path.strip_prefix(stack.origin()).context("our own")?.to_owned();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let answer = client.request(Method::GET, format!("{}{path}", stack.origin())).send().await?;
        assert_eq!(answer.headers()["location"], format!("/integrations?error={error}"));
    }
    assert_eq!(api.get("/api/integrations").await?.expect(200)?["integrations"], json!([]));
    Ok(())
}
