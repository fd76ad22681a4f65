//! The consent page, small: whose account, which scopes, allow or cancel.

use super::authorize::Ask;

/// Identity is not up for choice; each other scope has a box of its own.
pub(crate) fn is_optional(scope: &str) -> bool {
    scope.starts_with("https://") && !scope.contains("/auth/userinfo.")
}

pub(crate) fn page(ask: &Ask, accounts: Vec<(String, String)>) -> String {
    let accounts: String = accounts.iter().enumerate().map(|(at, account)| choice(ask, at, account)).collect();
    let scopes: String = ask.scopes().iter().filter(|scope| is_optional(scope)).map(|scope| tick(scope)).collect();
    format!(
        "<!doctype html><meta charset=utf-8><title>Sign in - local Google</title>\
         <style>body{{font:16px system-ui;max-width:32rem;margin:3rem auto}}label{{display:block;margin:.5rem 0}}\
         button{{font:inherit;padding:.4rem 1rem}}</style>\
         <h1>Agent Ops wants access to your Google account</h1>\
         <p>This is the local stand-in for Google: no real account is touched.</p>\
         <form method=post><fieldset><legend>Account</legend>{accounts}</fieldset>\
         <fieldset><legend>Allow it to</legend>{scopes}</fieldset>\
         <p><button name=decision value=deny>Cancel</button> <button name=decision value=allow>Continue</button></p>\
         </form>"
    )
}

fn choice(ask: &Ask, at: usize, (email, name): &(String, String)) -> String {
    let chosen = ask.login_hint.as_ref().map_or(at == 0, |hint| hint == email);
    let checked = if chosen { " checked" } else { "" };
    let (email, name) = (escape(email), escape(name));
    format!("<label><input type=radio name=account value=\"{email}\"{checked}> {name} ({email})</label>")
}

fn tick(scope: &str) -> String {
    let scope = escape(scope);
    let name = scope.rsplit('/').next().unwrap_or(&scope);
    format!("<label><input type=checkbox name=scope value=\"{scope}\" checked> {name}</label>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
