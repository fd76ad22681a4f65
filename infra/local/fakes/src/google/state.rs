//! All that the fake knows: what is kept, and what lives only as long as the process.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::access::Quota;
use super::account::Account;
use super::delivery::Delivery;
use super::keys::Keys;
use super::oauth::grants::Grants;
use super::seed;
use crate::{Kept, World};

/// Google, for all of its routes.
#[derive(Clone)]
pub struct Google(Arc<Parts>);

struct Parts {
    world: Arc<World>,
    data: Kept<Data>,
    live: Mutex<Live>,
}

/// What outlives the process.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Data {
    pub(crate) accounts: Vec<Account>,
    pub(crate) grants: Grants,
    pub(crate) keys: Keys,
}

/// What begins anew with the process.
#[derive(Default)]
pub(crate) struct Live {
    pub(crate) quota: Quota,
    pub(crate) delivery: Delivery,
}

impl Google {
    /// The data of the last time, or the seeded account.
    pub fn open(world: Arc<World>, file: Option<PathBuf>) -> Result<Self> {
        let now_ms = world.clock.now().as_millisecond();
        let data = Kept::open(file, || seed::data(now_ms))?;
        Ok(Self(Arc::new(Parts { world, data, live: Mutex::default() })))
    }

    /// Writes what changed.
    pub fn save(&self) -> Result<()> {
        self.0.data.save()
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.0.world
    }

    /// The data as it is.
    pub(crate) fn read(&self) -> impl Deref<Target = Data> {
        self.0.data.look()
    }

    /// The data, to be changed.
    pub(crate) fn write(&self) -> impl DerefMut<Target = Data> {
        self.0.data.edit()
    }

    /// Locked after the data, never before it.
    pub(crate) fn live(&self) -> impl DerefMut<Target = Live> {
        self.0.live.lock().expect("no one panics while holding it")
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.0.world.clock.now_s()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.0.world.clock.now().as_millisecond()
    }
}

impl Data {
    pub(crate) fn account(&self, email: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.email == email)
    }

    pub(crate) fn account_mut(&mut self, email: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.email == email)
    }

    pub(crate) fn add_account(&mut self, email: &str, name: &str) -> &mut Account {
        let number = self.accounts.len();
        self.accounts.push(Account::new(number, email, name));
        self.accounts.last_mut().expect("it was just added")
    }
}

/// RFC 3339 to the millisecond, as Google writes times.
pub(crate) fn time_text(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}
