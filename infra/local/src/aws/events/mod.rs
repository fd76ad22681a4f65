//! EventBridge: the buses, their rules and the schedules, in process.

mod pattern;
mod schedule;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::json::{Refusal, parse};
use super::sqs::Sqs;
use super::{ACCOUNT, REGION};
use crate::fault::{Direction, Faults};
use crate::lambda::request_id;
use crate::template::{EventRule, Schedule};
use pattern::Pattern;

/// The bus that every account has.
const DEFAULT: &str = "default";

/// EventBridge's own bound on a request.
const ENTRIES_MAX: usize = 10;

/// Waits before the two retries of an asynchronous invocation. Lambda takes
/// one and two minutes; here nobody wants to wait for that.
const RETRIES: [Duration; 2] =
    if cfg!(test) { [Duration::ZERO; 2] } else { [Duration::from_secs(1), Duration::from_secs(2)] };

/// How long a stack that stops waits for deliveries.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// Invokes a function: its logical id and the event; `Err` says why it failed.
pub type Invoke = Arc<dyn Fn(String, Value) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// A rule: what matches the pattern goes to the function.
struct Rule {
    id: String,
    bus: String,
    pattern: Pattern,
    function: String,
}

/// The event buses.
#[derive(Clone)]
pub struct Bus {
    /// Beside `default`.
    buses: Arc<[String]>,
    rules: Arc<[Rule]>,
    invoke: Invoke,
    faults: Faults,
    deliveries: TaskTracker,
    queues: Sqs,
    /// By function, the name of its queue.
    dead_letters: Arc<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    event_bus_name: Option<String>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    detail_type: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    resources: Vec<String>,
}

impl Bus {
    /// The template's buses and rules; targets are invoked so.
    pub fn new(buses: &[String], rules: &[EventRule], invoke: Invoke, faults: Faults) -> Result<Self> {
        let rules: Result<Arc<[Rule]>> = rules.iter().map(Rule::read).collect();
        let (deliveries, queues, dead_letters) = (TaskTracker::new(), Sqs::default(), Arc::default());
        Ok(Self { buses: buses.into(), rules: rules?, invoke, faults, deliveries, queues, dead_letters })
    }

    /// Puts what a function fails to carry out into its queue: the queues' names by function.
    pub fn with_dead_letters(self, queues: Sqs, of: BTreeMap<String, String>) -> Self {
        Self { queues, dead_letters: Arc::new(of), ..self }
    }

    /// Carries out one operation of the API.
    pub fn call(&self, operation: &str, input: Value) -> Result<Value, Refusal> {
        match operation {
            "PutEvents" => self.put_events(parse(input)?),
            other => Err(Refusal::unknown_operation(other)),
        }
    }

    /// Puts an event of an AWS service on the default bus.
    pub fn publish(&self, source: &str, detail_type: &str, resources: &[String], detail: Value) {
        self.deliver(DEFAULT, envelope(source, detail_type, resources, detail));
    }

    /// Runs a schedule until the stack ends; the function gets what AWS would send it.
    pub async fn follow(self, schedule: Schedule) {
        while let Some(wait) = schedule::wait(&schedule.rate, Timestamp::now()) {
            tokio::time::sleep(wait).await;
            self.dispatch(&schedule.function, schedule::event(&schedule));
        }
    }

    /// Waits for what is being delivered, but not for long.
    pub async fn drain(&self) {
        self.deliveries.close();
        let _ = tokio::time::timeout(DRAIN_LIMIT, self.deliveries.wait()).await;
    }

    fn put_events(&self, request: PutEvents) -> Result<Value, Refusal> {
        if request.entries.is_empty() || request.entries.len() > ENTRIES_MAX {
            let message = format!("PutEvents takes 1 to {ENTRIES_MAX} entries");
            return Err(Refusal::new("ValidationException", message));
        }
        let results: Vec<Value> = request.entries.into_iter().map(|entry| self.put(entry)).collect();
        let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
        Ok(json!({ "FailedEntryCount": failed, "Entries": results }))
    }

    fn put(&self, entry: Entry) -> Value {
        let bus = entry.event_bus_name.as_deref().map_or(DEFAULT, name);
        if bus != DEFAULT && !self.buses.iter().any(|each| each == bus) {
            let message = format!("Event bus {bus} does not exist.");
            return json!({ "ErrorCode": "InvalidArgument", "ErrorMessage": message });
        }
        if entry.source.is_empty() || entry.detail_type.is_empty() {
            return json!({ "ErrorCode": "InvalidArgument", "ErrorMessage": "Source and DetailType are required." });
        }
        if entry.source.starts_with("aws.") {
            let message = "Not authorized to put events with a source of AWS.";
            return json!({ "ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": message });
        }
        let Ok(detail @ Value::Object(_)) = serde_json::from_str(&entry.detail) else {
            return json!({ "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed." });
        };
        let event = envelope(&entry.source, &entry.detail_type, &entry.resources, detail);
        let id = event["id"].clone();
        self.deliver(bus, event);
        json!({ "EventId": id })
    }

    fn deliver(&self, bus: &str, event: Value) {
        for rule in self.rules.iter().filter(|rule| rule.bus == bus && rule.pattern.matches(&event)) {
            tracing::debug!(rule = rule.id, "event matched");
            self.dispatch(&rule.function, event.clone());
        }
    }

    /// Invokes asynchronously, as EventBridge does: the caller does not wait, failures are retried.
    fn dispatch(&self, function: &str, event: Value) {
        for delay in self.faults.fate(Direction::Event).deliveries {
            self.dispatch_after(delay, function.to_owned(), event.clone());
        }
    }

    fn dispatch_after(&self, delay: Duration, function: String, event: Value) {
        let invoke = self.invoke.clone();
        let (queues, dead_letters) = (self.queues.clone(), self.dead_letters.get(&function).cloned());
        self.deliveries.spawn(async move {
            tokio::time::sleep(delay).await;
            for wait in RETRIES.map(Some).into_iter().chain([None]) {
                let Err(error) = invoke(function.clone(), event.clone()).await else { return };
                tracing::warn!(function, error, "asynchronous invocation failed");
                let Some(wait) = wait else { break };
                tokio::time::sleep(wait).await;
            }
            tracing::error!(function, "event given up after its retries");
            if let Some(queue) = dead_letters {
                queues.send(&queue, event.to_string());
            }
        });
    }
}

impl Rule {
    fn read(rule: &EventRule) -> Result<Self> {
        let pattern = Pattern::parse(&rule.pattern).with_context(|| rule.id.clone())?;
        Ok(Self { id: rule.id.clone(), bus: rule.bus.clone(), pattern, function: rule.function.clone() })
    }
}

/// The name in a bus's name or ARN.
fn name(bus: &str) -> &str {
    bus.rsplit('/').next().unwrap_or(bus)
}

fn envelope(source: &str, detail_type: &str, resources: &[String], detail: Value) -> Value {
    json!({
        "version": "0",
        "id": request_id(),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Queue;
    use tokio::sync::mpsc;

    fn bus(pattern: Value) -> (Bus, mpsc::UnboundedReceiver<(String, Value)>) {
        let (sent, received) = mpsc::unbounded_channel();
        let invoke: Invoke = Arc::new(move |function, event| {
            let outcome = sent.send((function, event)).map_err(|error| error.to_string());
            Box::pin(async move { outcome })
        });
        let rule = EventRule { id: "F/Rule".into(), function: "F".into(), bus: "default".into(), pattern };
        (Bus::new(&[], &[rule], invoke, Faults::default()).unwrap(), received)
    }

    #[tokio::test]
    async fn a_matching_event_reaches_its_function_in_the_aws_envelope() {
        let (bus, mut received) = bus(json!({ "source": ["agent-ops"] }));
        let entry = json!({ "Source": "agent-ops", "DetailType": "sync.requested", "Detail": r#"{"n":1}"# });
        let answer = bus.call("PutEvents", json!({ "Entries": [entry] })).unwrap();
        let (function, event) = received.recv().await.unwrap();
        assert_eq!(function, "F");
        assert_eq!(event["id"], answer["Entries"][0]["EventId"]);
        assert_eq!((&event["detail-type"], &event["detail"]["n"]), (&json!("sync.requested"), &json!(1)));
        assert_eq!((&event["account"], &event["region"]), (&json!(ACCOUNT), &json!(REGION)));
    }

    #[tokio::test]
    async fn a_bad_entry_fails_alone() {
        let (bus, mut received) = bus(json!({ "source": ["agent-ops"] }));
        let good = json!({ "Source": "agent-ops", "DetailType": "t", "Detail": "{}" });
        let bad = json!({ "Source": "agent-ops", "DetailType": "t", "Detail": "not json" });
        let forged = json!({ "Source": "aws.ecs", "DetailType": "t", "Detail": "{}" });
        let answer = bus.call("PutEvents", json!({ "Entries": [bad, good, forged] })).unwrap();
        assert_eq!(answer["FailedEntryCount"], 2);
        assert_eq!(answer["Entries"][0]["ErrorCode"], "MalformedDetail");
        assert_eq!(answer["Entries"][2]["ErrorCode"], "NotAuthorizedForSourceException");
        assert!(received.recv().await.is_some());
    }

    #[tokio::test]
    async fn a_failing_function_is_invoked_three_times_and_its_event_kept() {
        let (tried, mut attempts) = mpsc::unbounded_channel();
        let invoke: Invoke = Arc::new(move |_, _| {
            tried.send(()).expect("the test still listens");
            Box::pin(async { Err("failed".to_owned()) })
        });
        let queues = Sqs::new(&[Queue { name: "dead".into(), arn: "arn".into() }]);
        let bus = Bus::new(&[], &[], invoke.clone(), Faults::default()).unwrap();
        let bus = bus.with_dead_letters(queues.clone(), [("F".to_owned(), "dead".to_owned())].into());
        bus.dispatch("F", json!({ "n": 1 }));
        bus.drain().await;
        drop((bus, invoke));
        let mut count = 0;
        while attempts.recv().await.is_some() {
            count += 1;
        }
        assert_eq!(count, 3);
        let letter = queues.call("ReceiveMessage", json!({ "QueueUrl": "https://sqs/0/dead" })).unwrap();
        assert_eq!(letter["Messages"][0]["Body"], r#"{"n":1}"#);
    }
}
