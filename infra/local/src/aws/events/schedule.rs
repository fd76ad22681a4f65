//! When a schedule is due, and what its function receives.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::envelope;
use crate::aws::{ACCOUNT, REGION};
use crate::template::{Rate, Schedule};

/// How long until it is due next; `None` if it never is again.
pub(super) fn wait(rate: &Rate, now: Timestamp) -> Option<Duration> {
    let next = rate.next_after(now)?;
    Some(Duration::try_from(next.duration_since(now)).unwrap_or_default())
}

/// The schedule's own input, or the default of AWS's two schedulers, which differ.
pub(super) fn event(schedule: &Schedule) -> Value {
    if let Some(input) = &schedule.input {
        return serde_json::from_str(input).unwrap_or_else(|_| Value::String(input.clone()));
    }
    let name = schedule.id.replace('/', "-");
    let (source, resource, detail) = if schedule.scheduler {
        // EventBridge Scheduler sends the detail as a string.
        ("aws.scheduler", format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"), json!("{}"))
    } else {
        ("aws.events", format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"), json!({}))
    };
    envelope(source, "Scheduled Event", &[resource], detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(scheduler: bool, input: Option<&str>) -> Schedule {
        let rate = Rate::parse("rate(1 minute)").unwrap();
        Schedule { id: "F/Sweep".into(), function: "F".into(), rate, input: input.map(str::to_owned), scheduler }
    }

    #[test]
    fn each_scheduler_sends_its_own_event() {
        let rule = event(&schedule(false, None));
        assert_eq!((&rule["source"], &rule["detail"]), (&json!("aws.events"), &json!({})));
        let scheduler = event(&schedule(true, None));
        assert_eq!((&scheduler["source"], &scheduler["detail"]), (&json!("aws.scheduler"), &json!("{}")));
    }

    #[test]
    fn an_input_replaces_the_event() {
        assert_eq!(event(&schedule(true, Some(r#"{"a":1}"#))), json!({ "a": 1 }));
    }

    #[test]
    fn a_rate_is_due_one_period_from_now() {
        let rate = Rate::parse("rate(5 minutes)").unwrap();
        assert_eq!(wait(&rate, Timestamp::UNIX_EPOCH), Some(Duration::from_secs(300)));
    }
}
