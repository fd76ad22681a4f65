//! What a service tells us by itself. A webhook carries no data that is believed: it
//! names what to read again.

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// A webhook as it came in.
pub struct WebhookRequest<'a> {
    pub headers: &'a HeaderMap,
    /// The very bytes that were signed.
    pub body: &'a [u8],
    pub now: Timestamp,
}

/// A webhook whose sender is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Names the delivery: a repeat of one that was carried out is acknowledged only.
    pub delivery: Option<String>,
    pub routes: Vec<Route>,
}

/// Who is concerned: looked up among what [`super::Resource::routes`] and
/// [`super::Subscription::route`] said. Several tenants may be; none is fine, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `repo:1296269`, `mailbox:ana@example.com`, `channel:<uuid>`
    pub key: String,
    /// The secret that the delivery showed, for a subscription that has one: compared
    /// with the one stored, in constant time.
    pub proof: Option<String>,
}

/// The webhook is not carried out. The sender learns no more than that.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its signature is missing or wrong, or no secret is set.
    #[error("the webhook is not signed by whom it should be: {0}")]
    Forged(&'static str),
    /// It is signed, but makes no sense. Acknowledged, so that it does not come again.
    #[error("the webhook has no form that we know: {0}")]
    Malformed(&'static str),
    /// It could not be verified now; the sender may repeat it.
    #[error("the webhook could not be verified")]
    Unverifiable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub type Verdict<'a> = BoxFuture<'a, Result<Webhook, Refused>>;
