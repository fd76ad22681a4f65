//! What every part of the fake works with: its data and its surroundings.

use std::sync::Arc;

use super::data::Data;
use super::deliveries::Event;
use super::git::Repositories;
use super::shape::Urls;
use crate::{Kept, World};

/// The fake's data and surroundings.
#[derive(Clone)]
pub(super) struct Hub {
    pub(super) data: Arc<Kept<Data>>,
    pub(super) world: Arc<World>,
    pub(super) repositories: Arc<Repositories>,
}

impl Hub {
    pub(super) fn now_s(&self) -> i64 {
        self.world.clock.now_s()
    }

    /// What stands for `https://api.github.com`.
    pub(super) fn api_url(&self) -> String {
        format!("{}/github/api", self.world.url)
    }

    /// What stands for `https://github.com`.
    pub(super) fn site_url(&self) -> String {
        format!("{}/github", self.world.url)
    }

    /// Looks at the data with the addresses that bodies are full of.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Data, &Urls) -> R) -> R {
        let (api, site) = (self.api_url(), self.site_url());
        self.data.read(|data| look(data, &Urls { api: &api, site: &site }))
    }

    /// Changes the data now, and tells the product of it.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Data, i64, &Urls, &mut Vec<Event>) -> R) -> R {
        let (api, site, now_s) = (self.api_url(), self.site_url(), self.now_s());
        let mut events = Vec::new();
        let result = self.data.change(|data| change(data, now_s, &Urls { api: &api, site: &site }, &mut events));
        self.announce(events);
        result
    }
}
