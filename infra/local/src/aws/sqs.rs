//! SQS, as far as dead letters need it: queues of the template, in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::json::{Refusal, parse};
use crate::lambda::request_id;
use crate::template::Queue;

/// What SQS takes for a receiver that does not say how long it works on a message.
const VISIBILITY_SECONDS: u64 = 30;

/// Messages that SQS hands out at once, at most.
const RECEIVED_MAX: usize = 10;

/// All queues, by name.
#[derive(Clone, Default)]
pub struct Sqs(Arc<BTreeMap<String, Mutex<VecDeque<Message>>>>);

struct Message {
    id: String,
    body: String,
    receipt: String,
    received: u32,
    hidden_until: Option<Instant>,
}

impl Message {
    fn hidden(&self) -> bool {
        self.hidden_until.is_some_and(|until| until > Instant::now())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    queue_url: String,
}

impl Sqs {
    /// Empty queues.
    pub fn new(queues: &[Queue]) -> Self {
        Self(Arc::new(queues.iter().map(|queue| (queue.name.clone(), Mutex::default())).collect()))
    }

    /// Carries out one operation of the API.
    pub fn call(&self, operation: &str, input: Value) -> Result<Value, Refusal> {
        match operation {
            "ReceiveMessage" => self.receive(&parse(input)?),
            "DeleteMessage" => self.delete(&parse(input)?),
            "GetQueueAttributes" => self.attributes(&parse(input)?),
            other => Err(Refusal::unknown_operation(other)),
        }
    }

    /// Puts a message at the end of a queue.
    pub fn send(&self, queue: &str, body: String) {
        if let Some(messages) = self.0.get(queue) {
            let message = Message { id: request_id(), body, receipt: String::new(), received: 0, hidden_until: None };
            messages.lock().unwrap_or_else(PoisonError::into_inner).push_back(message);
        }
    }

    fn receive(&self, order: &Receive) -> Result<Value, Refusal> {
        let most = order.max_number_of_messages.unwrap_or(1).clamp(1, RECEIVED_MAX);
        let hidden = Duration::from_secs(order.visibility_timeout.unwrap_or(VISIBILITY_SECONDS));
        self.with(&order.queue_url, |messages| {
            let free = messages.iter_mut().filter(|message| !message.hidden()).take(most);
            let received = free.map(|message| {
                message.receipt = request_id();
                message.received += 1;
                message.hidden_until = Some(Instant::now() + hidden);
                json!({ "MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body,
                    "Attributes": { "ApproximateReceiveCount": message.received.to_string() } })
            });
            json!({ "Messages": received.collect::<Vec<_>>() })
        })
    }

    /// One that was received by somebody else since, or deleted, is no error.
    fn delete(&self, order: &Delete) -> Result<Value, Refusal> {
        self.with(&order.queue_url, |messages| {
            messages.retain(|message| message.receipt != order.receipt_handle);
            json!({})
        })
    }

    fn attributes(&self, order: &Attributes) -> Result<Value, Refusal> {
        self.with(&order.queue_url, |messages| {
            let hidden = messages.iter().filter(|message| message.hidden()).count();
            json!({ "Attributes": {
                "ApproximateNumberOfMessages": (messages.len() - hidden).to_string(),
                "ApproximateNumberOfMessagesNotVisible": hidden.to_string(),
            } })
        })
    }

    fn with(&self, url: &str, act: impl FnOnce(&mut VecDeque<Message>) -> Value) -> Result<Value, Refusal> {
        let name = url.rsplit('/').next().unwrap_or(url);
        let messages = self.0.get(name).ok_or_else(|| {
            Refusal::new("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
        })?;
        Ok(act(&mut messages.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_message_is_hidden_until_its_time_is_over_and_gone_when_deleted() {
        let queue = Queue { name: "q".into(), arn: "arn:aws:sqs:us-east-1:000000000000:q".into() };
        let sqs = Sqs::new(&[queue]);
        sqs.send("q", "one".into());
        let url = "https://sqs.us-east-1.amazonaws.com/000000000000/q";
        let receive = |seconds: u64| {
            let answer = sqs.call("ReceiveMessage", json!({ "QueueUrl": url, "VisibilityTimeout": seconds })).unwrap();
            answer["Messages"].as_array().unwrap().clone()
        };
        assert_eq!(receive(0)[0]["Body"], "one");
        let again = receive(60);
        assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
        assert_eq!(receive(60), Vec::<Value>::new());
        let delete = json!({ "QueueUrl": url, "ReceiptHandle": again[0]["ReceiptHandle"] });
        sqs.call("DeleteMessage", delete).unwrap();
        let left = sqs.call("GetQueueAttributes", json!({ "QueueUrl": url })).unwrap();
        assert_eq!(left["Attributes"]["ApproximateNumberOfMessagesNotVisible"], "0");
        assert!(sqs.call("ReceiveMessage", json!({ "QueueUrl": "https://x/0/other" })).is_err());
    }
}
