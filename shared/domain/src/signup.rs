//! Who may make an account in a deployment.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::identity::Email;

/// The deployment's rule for new accounts. Who has one signs in whatever it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupPolicy {
    /// Whether everybody may.
    pub open: bool,
    /// Otherwise these may,
    pub emails: BTreeSet<Email>,
    /// and those with an address at one of these.
    pub domains: BTreeSet<String>,
}

impl SignupPolicy {
    /// Before an administrator has said anything: closed in production.
    pub fn unless_set(production: bool) -> Self {
        Self { open: !production, ..Self::default() }
    }

    pub fn admits(&self, email: &Email) -> bool {
        self.open || self.emails.contains(email) || self.domains.contains(email.domain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_admits_addresses_and_whole_domains_and_nobody_else() {
        let policy = SignupPolicy {
            open: false,
            emails: BTreeSet::from(["ana@example.com".parse().unwrap()]),
            domains: BTreeSet::from(["example.org".to_owned()]),
        };
        let admits = |email: &str| policy.admits(&email.parse().unwrap());
        assert!(admits("ANA@example.com") && admits("bo@example.org"));
        assert!(!admits("bo@example.com") && !admits("bo@sub.example.org") && !admits("example.org@evil.net"));
        assert!(SignupPolicy::unless_set(false).admits(&"x@y.z".parse().unwrap()));
        assert!(!SignupPolicy::unless_set(true).admits(&"x@y.z".parse().unwrap()));
    }
}
