//! What AWS asks in us-east-1, in dollars, and a count of what it asks it for.

use serde_json::Value;

const REST_REQUEST: f64 = 3.50e-6;
const SOCKET_MESSAGE: f64 = 1.00e-6;
const CONNECTION_MINUTE: f64 = 0.25e-6;
const LAMBDA_GB_SECOND: f64 = 0.000_013_333_4;
const LAMBDA_INVOCATION: f64 = 0.20e-6;
const WRITE_UNIT: f64 = 0.625e-6;
const READ_UNIT: f64 = 0.125e-6;

/// What is billed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bill {
    pub(crate) rest_requests: f64,
    pub(crate) socket_messages: f64,
    pub(crate) connection_minutes: f64,
    pub(crate) invocations: f64,
    pub(crate) gb_seconds: f64,
    pub(crate) write_units: f64,
    pub(crate) read_units: f64,
}

impl Bill {
    /// The counts of `/_local/stats`; connection minutes are the caller's, for sockets outlive turns.
    pub(crate) fn read(stats: &Value) -> Self {
        let number = |value: &Value| value.as_f64().unwrap_or(0.0);
        let functions = || stats["functions"].as_object().into_iter().flatten().map(|(_, function)| function);
        Self {
            rest_requests: number(&stats["rest"]["requests"]),
            socket_messages: number(&stats["socket"]["messages_in"]) + number(&stats["socket"]["messages_out"]),
            connection_minutes: 0.0,
            invocations: functions().map(|function| number(&function["invocations"])).sum(),
            gb_seconds: functions()
                .map(|function| number(&function["billed_ms"]) / 1e3 * number(&function["memory_mb"]) / 1024.0)
                .sum(),
            write_units: number(&stats["dynamodb"]["write_units"]),
            read_units: number(&stats["dynamodb"]["read_units"]),
        }
    }

    /// What came on top of an earlier bill.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            rest_requests: self.rest_requests - before.rest_requests,
            socket_messages: self.socket_messages - before.socket_messages,
            connection_minutes: self.connection_minutes - before.connection_minutes,
            invocations: self.invocations - before.invocations,
            gb_seconds: self.gb_seconds - before.gb_seconds,
            write_units: self.write_units - before.write_units,
            read_units: self.read_units - before.read_units,
        }
    }

    /// Dollars.
    pub(crate) fn total(&self) -> f64 {
        self.lines().iter().map(|(_, _, dollars)| dollars).sum()
    }

    /// Each count with its price.
    pub(crate) fn lines(&self) -> [(&'static str, f64, f64); 7] {
        let line = |what, count: f64, price: f64| (what, count, count * price);
        [
            line("socket messages", self.socket_messages, SOCKET_MESSAGE),
            line("write units", self.write_units, WRITE_UNIT),
            line("read units", self.read_units, READ_UNIT),
            line("invocations", self.invocations, LAMBDA_INVOCATION),
            line("GB-seconds", self.gb_seconds, LAMBDA_GB_SECOND),
            line("REST requests", self.rest_requests, REST_REQUEST),
            line("connection minutes", self.connection_minutes, CONNECTION_MINUTE),
        ]
    }
}
