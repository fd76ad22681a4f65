//! Whether the table gets slower with the transactions that it has seen.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tests::Stack;

use crate::Plan;
use crate::alternate::{alternate, median, ms};
use crate::functions::new_session;
use crate::report::{Report, Row};

const TRANSACTIONS: usize = 30_000;
/// Connections that they come over.
const WRITERS: usize = 8;
/// Creates whose median counts, per round.
const CREATES: usize = 100;

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    // Two stacks side by side: one stays fresh, so that what else the machine does hits both.
    let (fresh, grown) = (Stack::start().await?, Stack::start().await?);
    for stack in [&fresh, &grown] {
        create_ms(stack).await?;
    }
    grow(&grown).await?;
    let sides = alternate(plan.rounds, || create_ms(&grown), || create_ms(&fresh)).await?;
    let row = Row::new(format!("create p50 after {TRANSACTIONS} transactions"), sides.ours, "ms");
    report.row(row.against("fresh", sides.other, "ms").ratio(sides.ratio).at_most(sides.ratio, 1.2, "x"));
    Ok(())
}

async fn create_ms(stack: &Stack) -> Result<f64> {
    let api = stack.api();
    let mut took = Vec::new();
    for _ in 0..CREATES {
        let began = Instant::now();
        new_session(&api).await?;
        took.push(ms(began.elapsed()));
    }
    Ok(median(took))
}

/// Writes to the table as the functions' SDK does, two items and a token at a time.
async fn grow(stack: &Stack) -> Result<()> {
    let url = stack.aws("AWS_ENDPOINT_URL_DYNAMODB").context("the stack has a table")?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let tables = call(&client, url, "ListTables", json!({})).await?;
    let table = tables["TableNames"][0].as_str().context("the stack has a table")?;
    let (client, table) = (&client, &table);
    let writers = (0..WRITERS).map(async |writer| {
        for number in 0..TRANSACTIONS / WRITERS {
            let put = |sk: &str| {
                let key = format!("BENCH#{writer}#{number}");
                json!({ "Put": {
                    "TableName": table,
                    "Item": { "pk": { "S": key }, "sk": { "S": sk }, "body": { "S": "x".repeat(300) } },
                    "ConditionExpression": "attribute_not_exists(pk)",
                } })
            };
            let body = json!({
                "TransactItems": [put("a"), put("b")],
                "ClientRequestToken": format!("bench-{writer}-{number}"),
            });
            call(client, url, "TransactWriteItems", body).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    try_join_all(writers).await?;
    Ok(())
}

async fn call(client: &reqwest::Client, url: &str, operation: &str, body: Value) -> Result<Value> {
    let request = client.post(url).header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
    // The operator's access key is all that the table looks at.
    let request = request.header("authorization", "Credential=local/");
    let answer = request.body(body.to_string()).send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{operation} failed: {text}");
    Ok(serde_json::from_str(&text)?)
}
