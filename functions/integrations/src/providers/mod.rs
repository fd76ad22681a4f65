//! The services that can be connected. A new one is a folder here and a line in [`all`].

mod failure;
pub mod github;
pub mod google;
mod provider;
mod settings;
mod webhook;

use std::sync::Arc;

use domain::{Kind, Service};

pub use failure::Failure;
pub use provider::{
    About, AccessToken, Answer, Authorization, Call, Choice, Code, Credentials, Deed, Grant, Page, Provider, Resource,
    Subscription,
};
pub use settings::Settings;
pub use webhook::{Refused, Route, Verdict, Webhook, WebhookRequest};

/// Every provider there is, in the order in which they are shown.
pub fn all(settings: &Settings) -> Providers {
    let google = google::Google::new(settings);
    Providers::new(vec![
        Box::new(github::Github::new(settings)),
        Box::new(google::Gmail::new(google.clone(), settings)),
        Box::new(google::Calendar::new(google, settings)),
    ])
}

/// The providers of a deployment.
#[derive(Clone)]
pub struct Providers(Arc<[Box<dyn Provider>]>);

impl Providers {
    pub fn new(providers: Vec<Box<dyn Provider>>) -> Self {
        Self(providers.into())
    }

    /// The provider of this service.
    pub fn get(&self, service: &Service) -> Option<&dyn Provider> {
        self.iter().find(|provider| provider.about().service == *service)
    }

    pub fn iter(&self) -> impl Iterator<Item = &dyn Provider> {
        self.0.iter().map(Box::as_ref)
    }

    /// Every kind of entity that any of them knows.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = self.iter().flat_map(|provider| provider.about().kinds.clone()).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}
