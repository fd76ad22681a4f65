//! Signing in by GitHub and by Google, from a browser's point of view.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Browser, Options, Person, Stack, location};

const LOGIN: &str = "__Host-agent_ops";
const SIGNIN: &str = "__Host-agent_ops_signin";

fn browser(stack: &Stack) -> Browser {
    Browser::new(stack.origin())
}

async fn me(browser: &mut Browser) -> Result<Value> {
    browser.get("/api/me").await?.expect(200)
}

/// An account at Google that no other test uses.
async fn account(stack: &Stack, email: &str) -> Result<()> {
    let order = json!({ "do": "add_account", "email": email, "name": "Somebody New" });
    let answer = stack.fakes().post("/control/google", &order).await?;
    anyhow::ensure!(answer.status < 300, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn both_providers_are_offered_and_their_pages_are_asked_for_no_more_than_who_it_is() -> Result<()> {
    let stack = Stack::shared().await;
    let offered = stack.stranger().get("/auth/providers").await?.expect(200)?;
    assert_eq!(offered, json!({ "providers": ["github", "google"] }));
    let mut browser = browser(stack);
    for (provider, scope) in [("github", "read%3Auser+user%3Aemail"), ("google", "openid+email+profile")] {
        let page = browser.start(provider, "/").await?;
        for part in [&format!("scope={scope}"), "code_challenge_method=S256", "response_type=code", "state="] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(page.contains(&format!("%2Fauth%2F{provider}%2Fcallback")), "{page}");
    }
    let cookie = browser.cookie(SIGNIN).context("the browser is bound")?.to_owned();
    assert!(!browser.start("github", "/").await?.contains(&cookie), "the secret does not leave the browser");
    assert_eq!(browser.cookie(SIGNIN), Some(cookie.as_str()), "a second tab does not break the first");
    Ok(())
}

#[tokio::test]
async fn whoever_signs_in_by_either_provider_is_one_user_with_a_cookie_that_works() -> Result<()> {
    let stack = Stack::shared().await;
    let mut github = browser(stack);
    assert_eq!(github.sign_in(Person::Github("mona-lisa")).await?, "/sessions");
    let mona = me(&mut github).await?;
    assert_eq!((&mona["email"], &mona["name"]), (&json!("mona@example.com"), &json!("Mona Lisa")));
    assert_eq!(mona["scopes"].as_array().map(Vec::len), Some(8), "a browser may do all that its user may");
    assert_eq!(github.cookie(SIGNIN), None, "what bound the sign-in is taken back");

    account(stack, "mona@example.com").await?;
    let mut google = browser(stack);
    assert_eq!(google.sign_in(Person::Google("mona@example.com")).await?, "/sessions");
    let also = me(&mut google).await?;
    assert_eq!(also["id"], mona["id"], "the same verified address is the same person");
    assert_eq!(also["identities"].as_array().map(Vec::len), Some(2), "{also}");

    let created = google.send(Method::POST, "/api/sessions", &json!({ "title": "Hers" })).await?.expect(201)?;
    assert_eq!(github.get("/api/sessions").await?.expect(200)?["sessions"][0]["id"], created["id"]);
    let again = browser(stack).sign_in(Person::Github("mona-lisa")).await?;
    assert_eq!(again, "/sessions", "signing in again finds the account");
    Ok(())
}

#[tokio::test]
async fn the_cookie_is_for_this_host_over_tls_and_not_for_scripts() -> Result<()> {
    let stack = Stack::shared().await;
    let mut browser = browser(stack);
    let page = browser.start("google", "/").await?;
    account(stack, "cookie@example.com").await?;
    let back = browser.agree(&page, Person::Google("cookie@example.com")).await?;
    let answer = browser.get(&back).await?;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    let login = cookies.iter().find(|cookie| cookie.starts_with(&format!("{LOGIN}="))).context("a login cookie")?;
    for attribute in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
        assert!(login.contains(attribute), "{attribute}: {login}");
    }
    assert!(!login.contains("Domain"), "{login}");
    let value = browser.cookie(LOGIN).context("it is kept")?.to_owned();
    let view = browser.get("/api/me/logins").await?.text;
    assert!(!view.contains(&value), "the list does not show the secret");
    Ok(())
}

#[tokio::test]
async fn a_forged_or_expired_cookie_is_nobody() -> Result<()> {
    let stack = Stack::shared().await;
    let user = stack.seed().await?.user_id().await?;
    let expired = stack.seed().await?.expired_login(&user).await?;
    for value in ["x", &"0".repeat(64), &expired] {
        let mut browser = browser(stack);
        browser.set_cookie(LOGIN, value);
        let answer = browser.get("/api/me").await?;
        assert_eq!((answer.status, answer.code()), (401, "signed_out"), "{value}");
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_ends_this_browser_or_all_and_a_stolen_cookie_with_it() -> Result<()> {
    let stack = Stack::shared().await;
    account(stack, "out@example.com").await?;
    let person = Person::Google("out@example.com");
    let (mut one, mut two, mut three) = (browser(stack), browser(stack), browser(stack));
    for browser in [&mut one, &mut two, &mut three] {
        browser.sign_in(person).await?;
    }
    let thief = one.clone();
    let logins = two.get("/api/me/logins").await?.expect(200)?;
    assert_eq!(logins["logins"].as_array().map(Vec::len), Some(3), "{logins}");
    assert_eq!(one.send(Method::POST, "/auth/signout", &json!({})).await?.status, 204);
    assert_eq!(one.cookie(LOGIN), None);
    assert_eq!(thief.clone().get("/api/me").await?.code(), "signed_out");
    assert_eq!(one.send(Method::POST, "/auth/signout", &json!({})).await?.status, 204, "again");

    let logins = two.get("/api/me/logins").await?.expect(200)?;
    let other = logins["logins"].as_array().context("a list")?.iter().find(|login| login["current"] == false);
    let other = other.context("another browser")?["id"].as_str().context("an id")?.to_owned();
    assert_eq!(two.send(Method::DELETE, &format!("/api/me/logins/{other}"), &json!({})).await?.status, 204);
    assert_eq!(three.get("/api/me").await?.code(), "signed_out");
    let gone = two.send(Method::DELETE, &format!("/api/me/logins/{other}"), &json!({})).await?;
    assert_eq!((gone.status, gone.code()), (404, "login_not_found"));

    three.sign_in(person).await?;
    assert_eq!(two.send(Method::POST, "/auth/signout-everywhere", &json!({})).await?.status, 204);
    for browser in [&mut two, &mut three] {
        assert_eq!(browser.get("/api/me").await?.status, 401);
    }
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_another_browser_started_is_refused() -> Result<()> {
    let stack = Stack::shared().await;
    account(stack, "attacker@example.com").await?;
    let mut attacker = browser(stack);
    let page = attacker.start("google", "/").await?;
    let back = attacker.agree(&page, Person::Google("attacker@example.com")).await?;
    // The victim is led to the attacker's callback: with no cookie, or with one of their own sign-in.
    let mut victim = browser(stack);
    assert_eq!(location(&victim.get(&back).await?)?, "/signin?error=signin_mismatch");
    assert_eq!(victim.cookie(LOGIN), None);
    let page = attacker.start("google", "/").await?;
    let back = attacker.agree(&page, Person::Google("attacker@example.com")).await?;
    victim.start("google", "/").await?;
    assert_eq!(location(&victim.get(&back).await?)?, "/signin?error=signin_mismatch");
    assert_eq!(victim.cookie(LOGIN), None);
    Ok(())
}

#[tokio::test]
async fn a_state_is_good_once_in_its_time_and_for_its_own_provider() -> Result<()> {
    let stack = Stack::shared().await;
    account(stack, "state@example.com").await?;
    let person = Person::Google("state@example.com");
    let mut browser = browser(stack);
    for back in ["/auth/google/callback", "/auth/google/callback?code=x", "/auth/google/callback?code=x&state=made-up"]
    {
        assert_eq!(location(&browser.get(back).await?)?, "/signin?error=signin_expired", "{back}");
    }
    let page = browser.start("google", "/").await?;
    let back = browser.agree(&page, person).await?;
    let mixed = back.replace("/auth/google/", "/auth/github/");
    assert_eq!(location(&browser.get(&mixed).await?)?, "/signin?error=signin_mismatch");
    assert_eq!(location(&browser.get(&back).await?)?, "/signin?error=signin_expired", "it was used up");

    let page = browser.start("google", "/").await?;
    let back = browser.agree(&page, person).await?;
    let secret = browser.cookie(SIGNIN).context("bound")?.to_owned();
    assert_eq!(location(&browser.get(&back).await?)?, "/");
    browser.set_cookie(SIGNIN, &secret);
    assert_eq!(location(&browser.get(&back).await?)?, "/signin?error=signin_expired", "sent twice");

    let (state, cookie) = stack.seed().await?.expired_signin().await?;
    browser.set_cookie(SIGNIN, &cookie);
    let late = browser.get(&format!("/auth/google/callback?code=x&state={state}")).await?;
    assert_eq!(location(&late)?, "/signin?error=signin_expired", "too late");
    Ok(())
}

#[tokio::test]
async fn a_code_that_was_used_before_is_refused_at_either_provider() -> Result<()> {
    let stack = Stack::shared().await;
    account(stack, "code@example.com").await?;
    for person in [Person::Google("code@example.com"), Person::Github("mona-lisa")] {
        let mut browser = browser(stack);
        let page = browser.start(person.provider(), "/").await?;
        let first = browser.agree(&page, person).await?;
        location(&browser.get(&first).await?)?;
        let page = browser.start(person.provider(), "/").await?;
        let second = browser.agree(&page, person).await?;
        let code = |back: &str| back.split(['?', '&']).find(|part| part.starts_with("code=")).map(str::to_owned);
        let (used, fresh) = (code(&first).context("a code")?, code(&second).context("a code")?);
        let answer = browser.get(&second.replace(&fresh, &used)).await?;
        assert_eq!(location(&answer)?, "/signin?error=code_rejected", "{person:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_goes_wrong_at_the_provider_is_told_on_the_client_s_page() -> Result<()> {
    let stack = Stack::shared().await;
    let mut browser = browser(stack);
    for provider in ["github", "google"] {
        let page = browser.start(provider, "/").await?;
        let back = browser.decide(&format!("{page}&auto=deny")).await?;
        assert_eq!(location(&browser.get(&back).await?)?, "/signin?error=access_denied", "{provider}");
    }
    account(stack, "unverified@example.com").await?;
    let order = json!({ "do": "verify_address", "account": "unverified@example.com", "verified": false });
    stack.fakes().post("/control/google", &order).await?;
    let ended = browser.sign_in(Person::Google("unverified@example.com")).await?;
    assert_eq!(ended, "/signin?error=email_unverified");
    assert_eq!(browser.cookie(LOGIN), None);
    Ok(())
}

#[tokio::test]
async fn only_a_page_of_our_own_is_returned_to() -> Result<()> {
    let stack = Stack::shared().await;
    let mut browser = browser(stack);
    for path in ["https://evil.example", "//evil.example", "/%5Cevil.example", "/api/me"] {
        let answer = browser.get(&format!("/auth/github?return_to={path}")).await?;
        assert_eq!((answer.status, answer.code()), (400, "invalid_query"), "{path}");
    }
    let unknown = browser.get("/auth/facebook").await?;
    assert_eq!(unknown.status, 400);
    Ok(())
}

#[tokio::test]
async fn one_configured_origin_may_call_with_a_token_and_no_other() -> Result<()> {
    let settings = vec![("CORS_ORIGIN".to_owned(), "https://app.example".to_owned())];
    let stack = Stack::start_with(Options { memory: true, settings, ..Options::default() }).await?;
    let api = stack.api();
    let asked = stack.stranger().request(Method::OPTIONS, "/api/sessions").header("origin", "https://app.example");
    let asked = asked.header("access-control-request-method", "POST");
    let answer = api.answer(asked.header("access-control-request-headers", "authorization")).await?;
    assert_eq!((answer.status, &answer.headers["access-control-allow-origin"]), (200, &"https://app.example".parse()?));
    assert!(!answer.headers.contains_key("access-control-allow-credentials"), "never with cookies");
    for (origin, may) in [("https://app.example", true), ("https://evil.example", false)] {
        for path in ["/api/sessions", "/api/sessions/ses_x"] {
            let answer = api.answer(api.request(Method::GET, path).header("origin", origin)).await?;
            assert_eq!(answer.headers.contains_key("access-control-allow-origin"), may, "{origin} {path}");
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn pages_and_answers_tell_the_browser_to_be_strict() -> Result<()> {
    let stack = Stack::shared().await;
    let page = stack.stranger().get("/signin").await?;
    let policy = page.headers["content-security-policy"].to_str()?;
    for rule in ["default-src 'self'", "script-src 'self';", "object-src 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{rule}: {policy}");
    }
    assert_eq!(page.headers["x-frame-options"], "DENY");
    let answer = stack.api().get("/api/me").await?;
    assert_eq!(
        (&answer.headers["cache-control"], &answer.headers["x-content-type-options"]),
        (&"no-store".parse()?, &"nosniff".parse()?)
    );
    Ok(())
}

#[tokio::test]
async fn a_cookie_changes_something_from_our_own_pages_alone() -> Result<()> {
    let stack = Stack::shared().await;
    account(stack, "csrf@example.com").await?;
    let mut browser = browser(stack);
    browser.sign_in(Person::Google("csrf@example.com")).await?;
    let foreign: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:1")],
        &[("origin", "null")],
    ];
    for headers in foreign {
        for (method, path) in [(Method::POST, "/api/sessions"), (Method::POST, "/auth/signout")] {
            let request = browser.foreign_request(method, path).json(&json!({}));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = browser.answer(request).await?;
            assert_eq!((answer.status, answer.code()), (403, "cross_origin"), "{path} {headers:?}");
        }
    }
    assert_eq!(browser.get("/api/sessions").await?.expect(200)?["sessions"], json!([]), "nothing was written");
    let older = browser.foreign_request(Method::POST, "/api/sessions").header("origin", stack.origin());
    assert_eq!(browser.answer(older.json(&json!({}))).await?.status, 201, "a browser that sends Origin alone");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_fails_is_told_from_a_client_of_ours_that_is_wrong() -> Result<()> {
    let stack = Stack::start_with(Options { memory: true, ..Options::default() }).await?;
    let person = Person::Github("mona-lisa");
    let told = |body: Value| json!({ "status": 200, "body": body });
    let table = [
        ("*/access_token*", json!({ "status": 502 }), "provider_unavailable"),
        ("*/access_token*", json!({ "status": 200, "body": "not JSON" }), "provider_unavailable"),
        ("*/access_token*", told(json!({ "error": "incorrect_client_credentials" })), "provider_misconfigured"),
        ("*/access_token*", told(json!({ "error": "redirect_uri_mismatch" })), "provider_misconfigured"),
        ("*/access_token*", told(json!({ "error": "bad_verification_code" })), "code_rejected"),
        ("*/user", json!({ "status": 401 }), "provider_unavailable"),
        ("*/user/emails*", told(json!([])), "email_unverified"),
    ];
    for (path, answer, code) in table {
        let fault = json!({ "provider": "github", "path": path, "answer": answer });
        assert_eq!(stack.fakes().post("/control/faults", &fault).await?.status, 204, "{fault}");
        let mut browser = browser(&stack);
        assert_eq!(browser.sign_in(person).await?, format!("/signin?error={code}"), "{path} {answer}");
        assert_eq!(browser.cookie(LOGIN), None);
    }
    assert_eq!(browser(&stack).sign_in(person).await?, "/sessions", "and then it works");
    Ok(())
}

#[tokio::test]
async fn whom_google_did_not_name_to_us_in_this_sign_in_is_nobody() -> Result<()> {
    let stack = Stack::start_with(Options { memory: true, ..Options::default() }).await?;
    account(&stack, "named@example.com").await?;
    let now = jiff::Timestamp::now().as_second();
    let rejected = "/signin?error=identity_rejected";
    let table: [(&str, Value, &str); 7] = [
        ("nonce", json!("of another sign-in"), rejected),
        ("aud", json!("another-client"), rejected),
        ("iss", json!("https://accounts.evil.example"), rejected),
        ("exp", json!(now - 3_600), rejected),
        ("unsigned", json!(true), rejected),
        ("email_verified", json!(false), "/signin?error=email_unverified"),
        ("nothing", json!("is wrong"), "/"),
    ];
    for (claim, value, wanted) in table {
        let mut browser = browser(&stack);
        let page = browser.start("google", "/").await?;
        let url = reqwest::Url::parse(&page)?;
        let asked = |name: &str| url.query_pairs().find(|(each, _)| each == name).map(|(_, value)| value.into_owned());
        let mut claims = json!({
            "iss": "https://accounts.google.com", "aud": asked("client_id"), "sub": "1", "nonce": asked("nonce"),
            "email": "named@example.com", "email_verified": true, "iat": now, "exp": now + 3_600,
        });
        claims[claim] = value;
        let order = json!({ "do": "sign", "claims": claims });
        let signed = stack.fakes().post("/control/google", &order).await?.expect(200)?;
        let mut token = signed["token"].as_str().context("a token")?.to_owned();
        if claim == "unsigned" {
            token.truncate(token.rfind('.').context("a JWT")? + 1);
        }
        let body = json!({ "access_token": "ya29.x", "id_token": token, "token_type": "Bearer", "expires_in": 3_599 });
        let fault = json!({ "provider": "google", "path": "*/token", "answer": { "status": 200, "body": body } });
        assert_eq!(stack.fakes().post("/control/faults", &fault).await?.status, 204);
        let back = browser.agree(&page, Person::Google("named@example.com")).await?;
        assert_eq!(location(&browser.get(&back).await?)?, wanted, "{claim}");
        assert_eq!(browser.cookie(LOGIN).is_some(), wanted == "/", "{claim}");
    }
    Ok(())
}
