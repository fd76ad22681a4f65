//! Requests that are repeated until they are answered, as a sound client does.

use std::time::Duration;

use anyhow::{Result, bail};
use reqwest::RequestBuilder;
use tokio::time::{Instant, sleep};

use crate::{Answer, Api};

/// Longer than any deadline of the product: a lost runner is noticed after 100 s.
pub(super) const LONG: Duration = Duration::from_secs(360);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// Sends a request until it is answered with something that a repeat would not change.
/// Gives the answer and how often it had to be repeated.
pub(super) async fn insist(api: &Api, request: impl Fn() -> RequestBuilder) -> Result<(Answer, u64)> {
    let deadline = Instant::now() + LONG;
    let mut repeats = 0;
    loop {
        let answered = api.answer(request()).await;
        match answered {
            Ok(answer) if answer.status < 500 && !is_passing(&answer) => return Ok((answer, repeats)),
            Ok(answer) if Instant::now() > deadline => bail!("{} to the last: {}", answer.status, answer.text),
            Err(error) if Instant::now() > deadline => return Err(error.context("no answer to the last")),
            Ok(answer) => sleep(wait(&answer)).await,
            Err(_) => sleep(PAUSE).await,
        }
        repeats += 1;
    }
}

/// The queue empties, and a throttled caller may come again.
fn is_passing(answer: &Answer) -> bool {
    answer.status == 429 || answer.code() == "queue_full"
}

fn wait(answer: &Answer) -> Duration {
    let told = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    told.map_or(PAUSE, Duration::from_secs)
}
