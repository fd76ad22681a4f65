//! A deployment's administrators: the first user, and what they decide.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{Browser, Options, Person, Session, Stack};

async fn google_account(stack: &Stack, email: &str) -> Result<()> {
    let order = json!({ "do": "add_account", "email": email, "name": "Somebody" });
    let answer = stack.fakes().post("/control/google", &order).await?;
    ensure!(answer.status < 300, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn the_first_user_administers_and_decides_who_else_may_come() -> Result<()> {
    let variables = vec![("ENVIRONMENT".to_owned(), "production".to_owned())];
    let stack = Stack::start_with(Options { memory: true, settings: variables, ..Options::default() }).await?;
    for email in ["first@example.com", "second@example.com", "listed@example.net", "any@example.org"] {
        google_account(&stack, email).await?;
    }
    let browser = || Browser::new(stack.origin());
    let (mut first, mut other) = (browser(), browser());
    assert_eq!(first.sign_in(Person::Google("first@example.com")).await?, "/sessions");
    assert_eq!(first.get("/api/me").await?.expect(200)?["admin"], true);
    let closed = json!({ "open": false, "emails": [], "domains": [] });
    assert_eq!(first.get("/api/admin/signup").await?.expect(200)?, closed, "closed in production");
    assert_eq!(other.sign_in(Person::Google("second@example.com")).await?, "/signin?error=signup_closed");
    assert_eq!(other.sign_in(Person::Google("first@example.com")).await?, "/sessions", "who has an account comes in");

    let list = json!({ "open": false, "emails": ["Listed@Example.net"], "domains": ["example.org"] });
    let set = first.send(reqwest::Method::PUT, "/api/admin/signup", &list).await?.expect(200)?;
    assert_eq!(set["emails"], json!(["listed@example.net"]));
    for email in ["listed@example.net", "any@example.org"] {
        let mut browser = browser();
        assert_eq!(browser.sign_in(Person::Google(email)).await?, "/sessions", "{email}");
        assert_eq!(browser.get("/api/me").await?.expect(200)?["admin"], false);
        for path in ["/api/admin/signup", "/api/admin/users"] {
            let refused = browser.get(path).await?;
            assert_eq!((refused.status, refused.code()), (403, "admin_only"), "{path}");
        }
        let refused = browser.send(reqwest::Method::PUT, "/api/admin/signup", &list).await?;
        assert_eq!(refused.code(), "admin_only");
    }
    assert_eq!(browser().sign_in(Person::Google("second@example.com")).await?, "/signin?error=signup_closed");
    let users = first.get("/api/admin/users?limit=100").await?.expect(200)?;
    let emails: Vec<_> = users["users"].as_array().context("a list")?.iter().map(|user| &user["email"]).collect();
    assert!(!emails.contains(&&json!("second@example.com")) && emails.contains(&&json!("any@example.org")), "{users}");
    Ok(())
}

#[tokio::test]
async fn an_administrator_sees_whether_all_is_well_what_happened_and_what_is_bounded() -> Result<()> {
    let options = Options { settings: vec![("STORAGE_GIB".to_owned(), "3".to_owned())], ..Options::default() };
    let stack = Stack::start_with(options).await?;
    let api = stack.api();
    let session = Session::create(&stack).await?;
    session.run("[[text n=3]]").await?;

    let health = api.get("/api/admin/health").await?.expect(200)?;
    let checks = health["checks"].as_array().context("a list")?;
    let names: Vec<_> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    assert_eq!(names, ["table", "bucket", "bus", "sweeper", "sync_schedule"]);
    assert!(checks.iter().all(|check| check["ok"] == true && check["problem"].is_null()), "{checks:#?}");
    assert_eq!((&health["status"], &health["runners"]["idle"]), (&json!("ok"), &json!(1)), "{health:#}");
    let hours = health["hours"].as_array().context("a list")?;
    assert_eq!(hours.len(), 48);
    let sum = |name: &str| hours.iter().filter_map(|hour| hour[name].as_u64()).sum::<u64>();
    assert_eq!((sum("turns_completed"), sum("turns_failed"), sum("runners_started")), (1, 0, 1));

    let limits = api.get("/api/admin/limits").await?.expect(200)?;
    let storage = limits["limits"].as_array().context("a list")?.iter().find(|limit| limit["name"] == "storage_gib");
    let storage = storage.context("the bound on storage")?;
    assert_eq!((&storage["value"], &storage["default"]), (&json!(3), &json!(20)), "{storage}");
    Ok(())
}
