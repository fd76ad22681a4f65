//! Workers that die, at any point between two writes: a page is repeated, none is skipped.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tests::Service;

use super::{Connected, SYNC};

/// How many workers are killed for one service.
const KILLS: u64 = 12;

async fn outlives(service: Service, seed: u64) -> Result<()> {
    let connected = Connected::new(service).await?;
    let Connected { stack, account, integration, .. } = &connected;
    let hurt = json!({
        "seed": seed,
        "kill": { SYNC: { "times": KILLS, "within_ms": 250 } },
        // Writes that are refused, and writes that are carried out and said to have failed.
        "dynamodb": { "fail": 0.03, "lose": 0.03 },
        "events": { "duplicate": 0.2, "delay": 0.2, "delay_ms": 300 },
    });
    stack.fault(hurt).await?;
    let killed = async || Ok::<_, anyhow::Error>(strikes(&stack.stats().await?));
    let mut round = 0;
    while killed().await? < KILLS {
        round += 1;
        ensure!(round < 60, "too few workers ran to be killed");
        account.change(round).await?;
        let before = killed().await?;
        // It may be the tick itself that dies.
        drop(connected.hour().await);
        integration.until_or(|view| view["sync_status"] == "synced", async || Ok(killed().await? > before)).await?;
    }
    stack.fault(json!({})).await?;
    account.change(round + 1).await?;
    connected.hour().await?;
    account.agrees(integration).await
}

fn strikes(stats: &Value) -> u64 {
    stats["faults"][format!("{SYNC} killed")].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn github_is_read_whole_however_often_its_workers_are_killed() -> Result<()> {
    outlives(Service::Github, 1).await
}

#[tokio::test]
async fn gmail_is_read_whole_however_often_its_workers_are_killed() -> Result<()> {
    outlives(Service::Gmail, 2).await
}

#[tokio::test]
async fn calendars_are_read_whole_however_often_their_workers_are_killed() -> Result<()> {
    outlives(Service::Calendar, 3).await
}
