//! Recurring events as single ones: daily and weekly rules with an interval and a count.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};

/// Instances of one event that are looked at.
const INSTANCES_MAX: i64 = 1_000;

/// A window in time, milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    pub(crate) from_ms: Option<i64>,
    pub(crate) to_ms: Option<i64>,
}

impl Window {
    /// Whether the event is at least partly inside.
    pub(crate) fn holds(&self, event: &Value) -> bool {
        let (start, end) = (moment_ms(&event["start"]), moment_ms(&event["end"]));
        let begins = self.to_ms.is_none_or(|to| start.is_none_or(|start| start < to));
        begins && self.from_ms.is_none_or(|from| end.is_none_or(|end| end > from))
    }
}

/// Every instance inside the window.
pub(crate) fn instances(master: &Value, window: Window) -> Vec<Value> {
    let Some(rule) = Rule::of(master) else { return Vec::new() };
    let all = (0..rule.count).filter_map(|index| at(master, &rule, index));
    let before =
        |instance: &Value| window.to_ms.is_none_or(|to| moment_ms(&instance["start"]).is_none_or(|at| at < to));
    all.take_while(before).filter(|instance| window.holds(instance)).collect()
}

/// The instance of this id.
pub(crate) fn instance(master: &Value, id: &str) -> Option<Value> {
    let rule = Rule::of(master)?;
    (0..rule.count).filter_map(|index| at(master, &rule, index)).find(|instance| instance["id"] == id)
}

struct Rule {
    days: i64,
    count: i64,
}

impl Rule {
    fn of(master: &Value) -> Option<Self> {
        let rule = master["recurrence"].as_array()?.iter().find_map(|line| line.as_str()?.strip_prefix("RRULE:"))?;
        let field = |name: &str| {
            let fields = rule.split(';').filter_map(|field| field.split_once('='));
            fields.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
        };
        let interval: i64 = field("INTERVAL").map_or(Some(1), |number| number.parse().ok())?;
        let days = match field("FREQ")? {
            "DAILY" => interval,
            "WEEKLY" => 7 * interval,
            _ => return None,
        };
        let count = field("COUNT").and_then(|number| number.parse().ok()).unwrap_or(INSTANCES_MAX);
        Some(Self { days, count: count.min(INSTANCES_MAX) })
    }
}

fn at(master: &Value, rule: &Rule, index: i64) -> Option<Value> {
    let start = shifted(&master["start"], rule.days * index)?;
    let suffix: String = match (start["date"].as_str(), start["dateTime"].as_str()) {
        (Some(date), _) => date.replace('-', ""),
        (_, Some(time)) => time.parse::<Timestamp>().ok()?.strftime("%Y%m%dT%H%M%SZ").to_string(),
        _ => return None,
    };
    let mut instance = master.clone();
    if let Value::Object(fields) = &mut instance {
        fields.remove("recurrence");
    }
    instance["id"] = format!("{}_{suffix}", master["id"].as_str()?).into();
    instance["recurringEventId"] = master["id"].clone();
    instance["originalStartTime"] = start.clone();
    instance["start"] = start;
    instance["end"] = shifted(&master["end"], rule.days * index)?;
    Some(instance)
}

fn shifted(moment: &Value, days: i64) -> Option<Value> {
    if let Some(date) = moment["date"].as_str() {
        let date = date.parse::<Date>().ok()?.checked_add(days.days()).ok()?;
        return Some(json!({ "date": date.to_string() }));
    }
    let time: Timestamp = moment["dateTime"].as_str()?.parse().ok()?;
    let time = time.checked_add(SignedDuration::from_hours(24 * days)).ok()?;
    let mut shifted = moment.clone();
    shifted["dateTime"] = time.to_string().into();
    Some(shifted)
}

/// Milliseconds since 1970; a day begins at midnight UTC.
fn moment_ms(moment: &Value) -> Option<i64> {
    let text = match moment["date"].as_str() {
        Some(date) => format!("{date}T00:00:00Z"),
        None => moment["dateTime"].as_str()?.to_owned(),
    };
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekly_event_is_a_single_one_each_week_of_the_window() {
        let master = json!({
            "id": "m", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
            "start": {"dateTime": "2026-05-04T09:00:00Z"}, "end": {"dateTime": "2026-05-04T10:00:00Z"},
        });
        let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let window = Window { from_ms: Some(ms("2026-05-05T00:00:00Z")), to_ms: Some(ms("2026-05-20T00:00:00Z")) };
        let ids: Vec<_> = instances(&master, window).iter().map(|one| one["id"].clone()).collect();
        assert_eq!(ids, ["m_20260511T090000Z", "m_20260518T090000Z"]);
        assert_eq!(
            instance(&master, "m_20260601T090000Z").unwrap()["originalStartTime"]["dateTime"],
            "2026-06-01T09:00:00Z"
        );
        assert!(instance(&master, "m_20260608T090000Z").is_none());
    }
}
