//! What a tool printed, however much it was.

use anyhow::{Context, Result};
use tests::{Session, Stack};

/// 228 KB of output: more than the agent itself takes in.
const LONG: &str = r#"[[tool bash {"command":"seq 1 40000","description":"d"}]][[text n=1]]"#;

#[tokio::test]
async fn a_long_output_is_cut_in_the_message_and_kept_whole_beside_it() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    // The sandbox is up before anything is waited for.
    session.run("[[text n=1]]").await?;
    let turn = session.run(LONG).await?;
    assert!(turn.completed(), "{}", turn.names());
    let stored = session.answer(2).await?;
    assert_eq!(turn.answer()?, &stored);
    let call = &stored["parts"][0];
    let cut = call["output"].as_str().context("a call has an output")?;
    assert!(call["truncated"] == true && cut.len() <= 64 * 1024, "{} bytes", cut.len());
    let kept = &call["full_output"];
    assert_eq!(&stored["tool_calls"][0]["full_output"], kept);

    let href = kept["href"].as_str().context("the whole is kept")?;
    let whole = session.api.get(href).await?;
    let lines: Vec<u32> = whole.text.lines().filter_map(|line| line.parse().ok()).collect();
    assert_eq!((whole.status, lines), (200, (1..=40_000).collect::<Vec<u32>>()));
    assert_eq!(kept["bytes"], whole.text.len());

    let other = stack.api().with_token(&stack.seed().await?.user().await?);
    let refused = other.get(href).await?;
    assert_eq!((refused.status, refused.code()), (404, "session_not_found"));
    let unknown = session.api.get(&session.path("/outputs/prt_none-output.1")).await?;
    assert_eq!((unknown.status, unknown.code()), (404, "output_not_found"));
    assert_eq!(stack.stranger().get(href).await?.status, 401);

    let mut socket = session.socket(0).await?;
    socket.frame("subscribed").await?;
    session.terminate().await?.expect(200)?;
    socket.until_closed().await?;
    let gone = session.api.get(href).await?;
    assert_eq!((gone.status, gone.code()), (404, "output_not_found"));
    Ok(())
}
