//! A browser: it keeps the product's cookies and says which page a request comes from.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::Value;

use crate::{Answer, PATIENCE};

/// One person's browser at a stack.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// Who signs in where, at the fakes.
#[derive(Debug, Clone, Copy)]
pub enum Person<'a> {
    /// By login.
    Github(&'a str),
    /// By address.
    Google(&'a str),
}

impl Person<'_> {
    pub fn provider(self) -> &'static str {
        match self {
            Self::Github(_) => "github",
            Self::Google(_) => "google",
        }
    }

    /// What the person answers on the provider's page.
    fn agreeing(self) -> String {
        match self {
            Self::Github(login) => format!("&auto=allow&login={login}"),
            Self::Google(email) => format!("&auto=allow&account={email}"),
        }
    }
}

impl Browser {
    pub fn new(origin: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none());
        let client = client.connect_timeout(Duration::from_secs(10)).build();
        Self {
            client: client.expect("a client without TLS files can be built"),
            origin: origin.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    /// The value of a cookie that it holds.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie in, as somebody would who stole or made it.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// A request as one of our own pages sends it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.foreign_request(method, path).header("sec-fetch-site", "same-origin").header("origin", &self.origin)
    }

    /// A request with the cookies but without a word about where it comes from.
    pub fn foreign_request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, format!("{}{path}", self.origin));
        if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) }
    }

    /// Sends a request and keeps the cookies of its answer.
    pub async fn answer(&mut self, request: RequestBuilder) -> Result<Answer> {
        let response = request.timeout(PATIENCE).send().await.context("no answer")?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str()?.split_once(';').context("a cookie has attributes")?;
            let (name, value) = pair.split_once('=').context("a cookie has a name")?;
            match attributes.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.context("the answer broke off")?;
        Ok(Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text })
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        let request = self.request(Method::GET, path);
        self.answer(request).await
    }

    pub async fn send(&mut self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(method, path).json(body);
        self.answer(request).await
    }

    /// Begins to sign in; the provider's page that the browser is sent to.
    pub async fn start(&mut self, provider: &str, return_to: &str) -> Result<String> {
        let answer = self.get(&format!("/auth/{provider}?return_to={return_to}")).await?;
        location(&answer)
    }

    /// Agrees on the provider's page; where that sends the browser, as a path of ours.
    pub async fn agree(&self, page: &str, person: Person<'_>) -> Result<String> {
        self.decide(&format!("{page}{}", person.agreeing())).await
    }

    /// Follows the provider's page to where it sends the browser, as a path of ours.
    pub async fn decide(&self, page: &str) -> Result<String> {
        let response = self.client.get(page).timeout(PATIENCE).send().await.context("the provider does not answer")?;
        let back = response.headers().get(LOCATION).with_context(|| format!("{page} leads nowhere"))?.to_str()?;
        let path = back.strip_prefix(&self.origin).with_context(|| format!("{back} is not ours"))?;
        Ok(path.to_owned())
    }

    /// Signs in from beginning to end; the page that it ends on.
    pub async fn sign_in(&mut self, person: Person<'_>) -> Result<String> {
        let page = self.start(person.provider(), "/sessions").await?;
        let back = self.agree(&page, person).await?;
        location(&self.get(&back).await?)
    }
}

/// Where an answer sends the browser.
pub fn location(answer: &Answer) -> Result<String> {
    ensure!(answer.status == 303, "303 was expected, not {}: {}", answer.status, answer.text);
    Ok(answer.headers.get(LOCATION).context("a redirect says where to")?.to_str()?.to_owned())
}
