//! What of a mailbox is read.

use domain::integration::Config;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Days back when the user names none, and at most: a thousand messages take Google's
/// quota more than three minutes.
const DAYS_DEFAULT: u32 = 90;
const DAYS_MAX: u32 = 3_650;
const LABELS_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// How far back.
    #[serde(default = "days")]
    pub(super) days: u32,
    /// Messages with one of these; all messages when empty.
    #[serde(default)]
    pub(super) labels: Vec<String>,
}

fn days() -> u32 {
    DAYS_DEFAULT
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "days": { "type": "integer", "minimum": 1, "maximum": DAYS_MAX, "default": DAYS_DEFAULT,
                "title": "Days back" },
            "labels": { "type": "array", "items": { "type": "string" }, "maxItems": LABELS_MAX, "default": [],
                "title": "Labels", "description": "Mail with one of these is read; empty: all mail" },
        },
    })
}

impl Chosen {
    pub(super) fn read(config: &Config) -> Result<Self, String> {
        let chosen: Self = serde_json::from_value(Value::Object(config.clone())).map_err(|error| error.to_string())?;
        match &chosen {
            Self { days: 0, .. } => Err("days must be at least 1".into()),
            Self { days, .. } if *days > DAYS_MAX => Err(format!("days must be at most {DAYS_MAX}")),
            Self { labels, .. } if labels.len() > LABELS_MAX => Err(format!("labels must be at most {LABELS_MAX}")),
            _ => Ok(chosen),
        }
    }

    pub(super) fn into_config(self) -> Config {
        let Value::Object(config) = json!(self) else { return Config::new() };
        config
    }

    /// Whether mail with these labels is read at all.
    pub(super) fn wants(&self, labels: &[String]) -> bool {
        let hidden = labels.iter().any(|label| is_hidden(label));
        !hidden && (self.labels.is_empty() || labels.iter().any(|label| self.labels.contains(label)))
    }

    /// Whether the label decides if a message is read.
    pub(super) fn decides(&self, label: &str) -> bool {
        is_hidden(label) || self.labels.iter().any(|chosen| chosen == label)
    }
}

/// As in Gmail's own lists, spam and what was thrown away are not there.
fn is_hidden(label: &str) -> bool {
    label == "SPAM" || label == "TRASH"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_chosen_has_defaults_and_what_is_senseless_is_refused() {
        let read = |config: Value| Chosen::read(config.as_object().unwrap());
        assert_eq!(read(json!({})).unwrap(), Chosen { days: 90, labels: Vec::new() });
        assert!(read(json!({ "days": 0 })).is_err());
        assert!(read(json!({ "days": 4_000 })).is_err());
        assert!(read(json!({ "day": 3 })).is_err());
        assert!(read(json!({ "labels": "INBOX" })).is_err());
    }

    #[test]
    fn mail_thrown_away_is_not_wanted_whatever_else_it_is() {
        let labels = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = Chosen { days: 1, labels: Vec::new() };
        let inbox = Chosen { days: 1, labels: labels(&["INBOX"]) };
        assert!(all.wants(&labels(&["SENT"])) && !inbox.wants(&labels(&["SENT"])));
        assert!(!all.wants(&labels(&["INBOX", "TRASH"])) && !inbox.wants(&labels(&["INBOX", "TRASH"])));
    }
}
