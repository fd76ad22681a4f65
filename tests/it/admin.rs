//! A deployment's administrators: the first user, and what they decide.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{Browser, Options, Person, Stack};

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
