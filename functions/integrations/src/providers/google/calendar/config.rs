//! Which calendars are read, and how far around today.

use domain::integration::Config;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::list::Entry;

const DAYS_BACK_DEFAULT: u32 = 90;
const DAYS_AHEAD_DEFAULT: u32 = 365;
/// Days either way: recurring events are read one by one, so the window is bounded.
const DAYS_MAX: u32 = 3_650;
const CALENDARS_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// Ids; all calendars that the account shows when empty.
    #[serde(default)]
    calendars: Vec<String>,
    #[serde(default = "back")]
    days_back: u32,
    #[serde(default = "ahead")]
    days_ahead: u32,
}

fn back() -> u32 {
    DAYS_BACK_DEFAULT
}

fn ahead() -> u32 {
    DAYS_AHEAD_DEFAULT
}

/// The part of time that is read. A sync token keeps the window of its first call, so
/// that it does not move along: it holds for a month, and with the next one the calendar
/// is read anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    pub(super) time_min: Timestamp,
    pub(super) time_max: Timestamp,
}

pub(super) fn schema() -> Value {
    let days = |title: &str, default: u32| {
        json!({ "type": "integer", "minimum": 1, "maximum": DAYS_MAX,
        "default": default, "title": title })
    };
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "calendars": { "type": "array", "items": { "type": "string" }, "maxItems": CALENDARS_MAX, "default": [],
                "title": "Calendars", "description": "Those that are read; empty: all of them" },
            "days_back": days("Days back", DAYS_BACK_DEFAULT),
            "days_ahead": days("Days ahead", DAYS_AHEAD_DEFAULT),
        },
    })
}

impl Chosen {
    pub(super) fn read(config: &Config) -> Result<Self, String> {
        let chosen: Self = serde_json::from_value(Value::Object(config.clone())).map_err(|error| error.to_string())?;
        let days = 1..=DAYS_MAX;
        match &chosen {
            Self { days_back, .. } if !days.contains(days_back) => Err(format!("days_back must be 1 to {DAYS_MAX}")),
            Self { days_ahead, .. } if !days.contains(days_ahead) => Err(format!("days_ahead must be 1 to {DAYS_MAX}")),
            Self { calendars, .. } if calendars.len() > CALENDARS_MAX => {
                Err(format!("calendars must be at most {CALENDARS_MAX}"))
            }
            _ => Ok(chosen),
        }
    }

    pub(super) fn into_config(self) -> Config {
        let Value::Object(config) = json!(self) else { return Config::new() };
        config
    }

    /// `primary` stands for the account's own calendar.
    pub(super) fn wants(&self, entry: &Entry) -> bool {
        let named = |id: &String| *id == entry.id || (id == "primary" && entry.primary);
        self.calendars.is_empty() || self.calendars.iter().any(named)
    }

    /// Around the first day of this month, the same for all of it.
    pub(super) fn window(&self, now: Timestamp) -> Window {
        let today = now.to_zoned(TimeZone::UTC).date();
        let first = today.first_of_month();
        let last = today.last_of_month();
        let at = |date: Date| date.to_zoned(TimeZone::UTC).map_or(now, |midnight| midnight.timestamp());
        Window {
            time_min: at(first.saturating_sub(i64::from(self.days_back).days())),
            time_max: at(last.saturating_add(i64::from(self.days_ahead).days())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(config: Value) -> Result<Chosen, String> {
        Chosen::read(config.as_object().unwrap())
    }

    #[test]
    fn the_window_holds_for_a_month_and_covers_the_days_on_each_of_its_days() {
        let chosen = chosen(json!({ "days_back": 10, "days_ahead": 30 })).unwrap();
        let window = |day: &str| chosen.window(day.parse().unwrap());
        let may = window("2026-05-01T00:00:00Z");
        assert_eq!(may, window("2026-05-31T23:59:59Z"));
        assert_ne!(may, window("2026-06-01T00:00:00Z"));
        let text = (may.time_min.to_string(), may.time_max.to_string());
        assert_eq!(text, ("2026-04-21T00:00:00Z".into(), "2026-06-30T00:00:00Z".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for config in [json!({ "days_back": 0 }), json!({ "days_ahead": 9_999 }), json!({ "calendar": [] })] {
            assert!(chosen(config.clone()).is_err(), "{config}");
        }
        assert!(chosen(json!({})).is_ok());
    }
}
