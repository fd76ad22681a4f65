//! Changed, moved, deleted and added at the service: after one synchronisation exactly
//! that is listed, whoever asked for it.

use anyhow::Result;
use tests::{Options, Service, Stack, listed};

use super::Connected;

async fn follows(service: Service) -> Result<()> {
    let connected = Connected::new(service).await?;
    let Connected { account, integration, .. } = &connected;
    account.change(1).await?;
    account.agrees(integration).await?;
    connected.settled().await?;

    account.be_silent(true).await?;
    account.change(2).await?;
    integration.sync().await?;
    assert_eq!(listed(&integration.entities("").await?), account.holds().await?, "after the button");

    account.change(3).await?;
    connected.hour().await?;
    account.agrees(integration).await?;

    let reasons = connected.reasons().await?;
    for reason in ["connected", "webhook", "manual", "schedule"] {
        // At GitHub the hour also asks for the webhooks that were lost, which may be faster.
        let either = service == Service::Github && reason == "schedule";
        assert!(either || reasons.iter().any(|each| each == reason), "{reason} began no run: {reasons:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_happens_at_github_shows_after_its_webhook_the_button_and_the_hour() -> Result<()> {
    follows(Service::Github).await
}

#[tokio::test]
async fn what_happens_in_gmail_shows_after_its_push_the_button_and_the_hour() -> Result<()> {
    follows(Service::Gmail).await
}

#[tokio::test]
async fn what_happens_in_a_calendar_shows_after_its_channel_the_button_and_the_hour() -> Result<()> {
    follows(Service::Calendar).await
}

#[tokio::test]
async fn a_text_is_found_as_it_is_now_and_each_entity_keeps_what_the_service_sent() -> Result<()> {
    let connected = Connected::new(Service::Github).await?;
    let Connected { account, integration, api, .. } = &connected;
    account.change(1).await?;
    account.agrees(integration).await?;
    let found = integration.entities("text=other%20words").await?;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["title"], "Other words 1");
    let id = found[0]["id"].as_str().unwrap_or_default();
    let detail = api.get(&format!("/api/entities/{id}")).await?.expect(200)?;
    assert_eq!((&detail["raw"]["title"], &detail["raw"]["html_url"]), (&found[0]["title"], &found[0]["url"]));
    let all = integration.entities("").await?;
    for query in ["kind=issue", "kind=pull_request&state=merged", "provider=github", "provider=gmail"] {
        let wanted = |entity: &&serde_json::Value| {
            query.split('&').all(|part| part.split_once('=').is_some_and(|(name, value)| entity[name] == value))
        };
        let (filtered, expected) = (integration.entities(query).await?.len(), all.iter().filter(wanted).count());
        assert_eq!(filtered, expected, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn an_oauth_app_alone_is_followed_by_the_button_and_the_hour() -> Result<()> {
    let client = [("GITHUB_CLIENT_ID", "fake-github-oauth"), ("GITHUB_CLIENT_SECRET", "fake-github-oauth-secret")];
    let settings = client.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let stack = Stack::start_with(Options { memory: true, settings, ..Options::default() }).await?;
    let connected = Connected::on(stack, Service::Github).await?;
    let Connected { account, integration, .. } = &connected;
    account.change(1).await?;
    integration.sync().await?;
    assert_eq!(listed(&integration.entities("").await?), account.holds().await?, "after the button");
    account.change(2).await?;
    connected.hour().await?;
    account.agrees(integration).await
}
