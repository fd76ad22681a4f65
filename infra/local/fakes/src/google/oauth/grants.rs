//! What people allowed our client to do, and the codes and tokens that stand for it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use rand::Rng as _;
use serde::{Deserialize, Serialize};

use crate::google::access::Caller;

/// Google's access tokens live an hour, less a second.
pub(crate) const ACCESS_SECONDS: i64 = 3_599;
const CODE_SECONDS: i64 = 600;
/// Refresh tokens of one account and client; one more ends the oldest without a word.
const REFRESH_TOKENS_MAX: usize = 100;

/// A code that waits for its exchange.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) email: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    /// Whether the exchange gives a refresh token.
    pub(crate) offline: bool,
    made_s: i64,
}

/// PKCE's challenge as it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    /// Without a method named, Google takes `plain`.
    pub(crate) is_s256: bool,
}

/// What an access or refresh token stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) email: String,
    pub(crate) scopes: BTreeSet<String>,
    ends_s: Option<i64>,
}

impl Holder {
    fn holds(&self, now_s: i64) -> bool {
        self.ends_s.is_none_or(|ends_s| now_s < ends_s)
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    access: HashMap<String, Holder>,
    /// The oldest first.
    refresh: VecDeque<(String, Holder)>,
    granted: HashMap<String, BTreeSet<String>>,
    /// Set while the project counts as "Testing": seconds that refresh tokens live.
    pub(crate) refresh_seconds: Option<i64>,
}

impl Grants {
    /// What this person has allowed so far; none before the first consent.
    pub(crate) fn granted(&self, email: &str) -> Option<&BTreeSet<String>> {
        self.granted.get(email)
    }

    /// Records the consent and gives its code.
    pub(crate) fn allow(&mut self, code: NewCode, now_s: i64) -> String {
        let NewCode { email, scopes, redirect_uri, challenge, nonce, offline, includes_granted } = code;
        let granted = self.granted.entry(email.clone()).or_default();
        granted.extend(scopes.iter().cloned());
        let scopes = if includes_granted { granted.clone() } else { scopes };
        let text = random("4/0A");
        let code = Code { email, scopes, redirect_uri, challenge, nonce, offline, made_s: now_s };
        self.codes.insert(text.clone(), code);
        text
    }

    /// The code's content, once, within ten minutes.
    pub(crate) fn redeem(&mut self, code: &str, now_s: i64) -> Option<Code> {
        self.codes.remove(code).filter(|code| now_s - code.made_s < CODE_SECONDS)
    }

    pub(crate) fn add_access(&mut self, email: &str, scopes: &BTreeSet<String>, now_s: i64) -> String {
        let token = random("ya29.");
        let ends_s = Some(now_s + ACCESS_SECONDS);
        self.access.insert(token.clone(), Holder { email: email.to_owned(), scopes: scopes.clone(), ends_s });
        token
    }

    pub(crate) fn add_refresh(&mut self, email: &str, scopes: &BTreeSet<String>, now_s: i64) -> String {
        let token = random("1//0");
        let ends_s = self.refresh_seconds.map(|seconds| now_s + seconds);
        self.refresh.push_back((token.clone(), Holder { email: email.to_owned(), scopes: scopes.clone(), ends_s }));
        let of_person = |(_, holder): &(String, Holder)| holder.email == email;
        if self.refresh.iter().filter(|entry| of_person(entry)).count() > REFRESH_TOKENS_MAX {
            let oldest = self.refresh.iter().position(of_person).expect("there are more than a hundred");
            self.refresh.remove(oldest);
        }
        token
    }

    pub(crate) fn refresh(&self, token: &str, now_s: i64) -> Option<Holder> {
        let (_, holder) = self.refresh.iter().find(|(known, _)| known == token)?;
        holder.holds(now_s).then(|| holder.clone())
    }

    pub(crate) fn caller(&self, token: &str, now_s: i64) -> Option<Caller> {
        let holder = self.access.get(token).filter(|holder| holder.holds(now_s))?;
        Some(Caller { email: holder.email.clone(), scopes: holder.scopes.iter().cloned().collect() })
    }

    /// Ends the whole grant that the token belongs to; false if there is none.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let by_access = self.access.get(token);
        let by_refresh = self.refresh.iter().find(|(known, _)| known == token).map(|(_, holder)| holder);
        let Some(email) = by_access.or(by_refresh).map(|holder| holder.email.clone()) else { return false };
        self.end(&email);
        true
    }

    /// The person takes everything back.
    pub(crate) fn end(&mut self, email: &str) {
        self.access.retain(|_, holder| holder.email != email);
        self.refresh.retain(|(_, holder)| holder.email != email);
        self.granted.remove(email);
    }

    /// Access tokens end early; refresh tokens stay.
    pub(crate) fn expire_access(&mut self, email: &str) {
        self.access.retain(|_, holder| holder.email != email);
    }

    /// Refresh tokens end, as after a new password; access tokens end with them.
    pub(crate) fn expire_refresh(&mut self, email: &str) {
        self.expire_access(email);
        self.refresh.retain(|(_, holder)| holder.email != email);
    }

    /// Live refresh tokens of the person.
    pub(crate) fn live(&self, email: &str) -> usize {
        self.refresh.iter().filter(|(_, holder)| holder.email == email).count()
    }
}

/// What a code is made of.
pub(crate) struct NewCode {
    pub(crate) email: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) offline: bool,
    pub(crate) includes_granted: bool,
}

fn random(prefix: &str) -> String {
    let bytes: [u8; 24] = rand::rng().random();
    format!("{prefix}{}", hex::encode(bytes))
}
