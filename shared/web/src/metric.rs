//! Metrics, as lines of the log that CloudWatch reads: the embedded metric format.
//!
//! They are sent nowhere and wait for nothing. Without `METRICS_NAMESPACE` nothing
//! is written at all.

use std::io::Write;
use std::sync::LazyLock;

use domain::health::Happening;
use domain::metric::Metric;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::Store;

use crate::config;

/// Classes are few, and come from our own code; what is longer is none.
const CLASS_BYTES_MAX: usize = 64;

static NAMESPACE: LazyLock<Option<String>> = LazyLock::new(|| config::optional("METRICS_NAMESPACE"));

/// Counts one more of this kind.
pub fn count(metric: Metric, kind: &str) {
    write(metric, 1.0, Some(kind));
}

/// Tells how long it took.
pub fn took(metric: Metric, time: SignedDuration) {
    let seconds = time.as_secs_f64().max(0.0);
    write(metric, if metric.unit() == "Seconds" { seconds } else { seconds * 1_000.0 }, None);
}

/// Counts it in the hour that an administrator is shown; what is not counted is no reason to fail.
pub async fn happened(store: &Store, happening: Happening, now: Timestamp) {
    if let Err(error) = store.count_happening(happening, now).await {
        tracing::warn!(%error, happening = happening.name(), "not counted");
    }
}

fn write(metric: Metric, value: f64, kind: Option<&str>) {
    if let Some(namespace) = NAMESPACE.as_deref() {
        let line = format!("{}\n", embedded(namespace, metric, value, kind, crate::now()));
        // One write: lines of a process do not mix. A log that takes none is no reason to fail.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

fn embedded(namespace: &str, metric: Metric, value: f64, kind: Option<&str>, now: Timestamp) -> Value {
    let named = metric.dimension().zip(kind.filter(|kind| kind.len() <= CLASS_BYTES_MAX));
    let mut dimensions: Vec<Vec<&str>> = vec![Vec::new()];
    dimensions.extend(named.map(|(name, _)| vec![name]));
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": dimensions,
                "Metrics": [{ "Name": metric.name(), "Unit": metric.unit() }],
            }],
        },
        metric.name(): value,
    });
    if let Some((name, kind)) = named {
        line[name] = kind.into();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let line = embedded("n", Metric::Errors, 1.0, Some("internal_error"), Timestamp::UNIX_EPOCH);
        let expected = json!({
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [{
                    "Namespace": "n",
                    "Dimensions": [[], ["Class"]],
                    "Metrics": [{ "Name": "Errors", "Unit": "Count" }],
                }],
            },
            "Errors": 1.0,
            "Class": "internal_error",
        });
        assert_eq!(line, expected);
        let line = embedded("n", Metric::StartTime, 5.0, None, Timestamp::UNIX_EPOCH);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
        assert_eq!(line["StartTime"], 5.0);
    }
}
