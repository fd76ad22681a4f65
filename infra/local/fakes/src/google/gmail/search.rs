//! The part of Gmail's search that a sync uses, and plain words.

use super::mailbox::Message;

const DAY_MS: i64 = 86_400_000;

/// Whether the message is found; an operator that is not known here finds nothing.
pub(crate) fn finds(query: &str, message: &Message, now_ms: i64) -> bool {
    query.split_whitespace().all(|term| match term.split_once(':') {
        Some(("newer_than", span)) => span_ms(span).is_some_and(|span_ms| message.at_ms >= now_ms - span_ms),
        Some(("older_than", span)) => span_ms(span).is_some_and(|span_ms| message.at_ms < now_ms - span_ms),
        Some(("after", seconds)) => seconds.parse::<i64>().is_ok_and(|after| message.at_ms >= after * 1_000),
        Some(("before", seconds)) => seconds.parse::<i64>().is_ok_and(|before| message.at_ms < before * 1_000),
        Some(("label" | "in", label)) => message.labels.iter().any(|known| known.eq_ignore_ascii_case(label)),
        Some(("from", who)) => message.header("From").is_some_and(|from| contains(from, who)),
        Some(("subject", word)) => message.header("Subject").is_some_and(|subject| contains(subject, word)),
        Some(_) => false,
        None => contains(&message.body, term) || message.header("Subject").is_some_and(|text| contains(text, term)),
    })
}

fn span_ms(span: &str) -> Option<i64> {
    let number = |days: i64| span.get(..span.len() - 1)?.parse::<i64>().ok().map(|count| count * days * DAY_MS);
    match span.chars().last()? {
        'd' => number(1),
        'm' => number(30),
        'y' => number(365),
        _ => None,
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
