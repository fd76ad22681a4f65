//! The directives that a user message may carry.
//!
//! ```text
//! [[text n=500 delay=10 stamp=1]]   n chunks "w0 w1 …", delay ms apart; stamp: "w0@<µs since 1970> …"
//! [[think n=3 delay=10]]            the same as reasoning
//! [[tool bash {"command":"ls"}]]    a tool call; it ends the step, what follows comes after its result
//! [[http 429 retry-after=1 times=1]]  refuse the request
//! [[malformed n=3]]                 n chunks, then a line that is not JSON
//! [[cut n=5 times=1]]               n chunks, then the connection breaks
//! [[errchunk n=3]]                  n chunks, then an error inside the stream
//! [[hang n=5]]                      n chunks, then silence
//! ```
//! They are done in order. A fault with `times` happens that often, then it is skipped; without,
//! it happens always. Text around directives is ignored.

use serde_json::{Deserializer, Value};

/// One directive.
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    pub act: Act,
    /// How often a fault happens; none: always.
    pub times: Option<u32>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Text {
        chunks: Chunks,
        stamp: bool,
    },
    Think {
        chunks: Chunks,
    },
    Tool {
        name: String,
        arguments: Value,
    },
    Refuse {
        status: u16,
        retry_after_s: Option<u64>,
    },
    Malformed {
        chunks: Chunks,
    },
    Cut {
        chunks: Chunks,
    },
    ErrorChunk {
        chunks: Chunks,
    },
    Hang {
        chunks: Chunks,
    },
    /// Plain words, one chunk each; no directive makes it.
    Say {
        text: String,
        delay_ms: u64,
    },
    /// The same as reasoning.
    Muse {
        text: String,
        delay_ms: u64,
    },
}

/// How many chunks, and the time between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks {
    pub n: u32,
    pub delay_ms: u64,
}

/// A directive with a known name that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// A runaway script would fill the disk of whoever stores it.
const CHUNKS_MAX: u64 = 1_000_000;

impl Act {
    fn is_fault(&self) -> bool {
        use Act::{Cut, ErrorChunk, Hang, Malformed, Refuse};
        matches!(self, Refuse { .. } | Malformed { .. } | Cut { .. } | ErrorChunk { .. } | Hang { .. })
    }
}

impl Directive {
    /// Whether the directive may be used up.
    pub fn is_counted(&self) -> bool {
        self.act.is_fault() && self.times.is_some()
    }
}

/// Reads the directives of `text` in order. `[[…]]` of an unknown name is the user's own text.
pub fn parse(text: &str) -> Result<Vec<Directive>, Unreadable> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("[[") {
        let inner = &rest[start + 2..];
        let name = word(inner);
        let read = match name {
            "tool" => Some(tool(inner[name.len()..].trim_start())),
            "text" | "think" | "http" | "malformed" | "cut" | "errchunk" | "hang" => Some(plain(inner)),
            _ => None,
        };
        rest = match read {
            Some(Some((directive, after))) => {
                found.push(directive);
                after
            }
            Some(None) => return Err(Unreadable(inner.chars().take(80).collect())),
            None => inner,
        };
    }
    Ok(found)
}

fn word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || c == ']').next().unwrap_or("")
}

/// Arguments are read as JSON, so they may contain `]]`.
fn tool(text: &str) -> Option<(Directive, &str)> {
    let name = word(text);
    let json = &text[name.len()..];
    let (arguments, used) = if json.trim_start().starts_with('{') {
        let mut values = Deserializer::from_str(json).into_iter::<Value>();
        (values.next()?.ok()?, values.byte_offset())
    } else {
        (Value::Object(serde_json::Map::new()), 0)
    };
    let after = json[used..].trim_start().strip_prefix("]]")?;
    let act = Act::Tool { name: name.to_owned(), arguments };
    (!name.is_empty()).then_some((Directive { act, times: None }, after))
}

fn plain(text: &str) -> Option<(Directive, &str)> {
    let (inner, after) = text.split_once("]]")?;
    let mut words = inner.split_whitespace();
    let name = words.next()?;
    let mut status = None;
    let (mut n, mut delay_ms, mut stamp, mut times, mut retry_after_s) = (None, 0, false, None, None);
    for word in words {
        match word.split_once('=') {
            Some(("n", value)) => n = Some(value.parse::<u64>().ok()?.min(CHUNKS_MAX) as u32),
            Some(("delay", value)) => delay_ms = value.parse().ok()?,
            Some(("stamp", value)) => stamp = value != "0",
            Some(("times", value)) => times = Some(value.parse().ok()?),
            Some(("retry-after", value)) => retry_after_s = Some(value.parse().ok()?),
            None if name == "http" && status.is_none() => status = Some(word.parse().ok()?),
            _ => return None,
        }
    }
    let chunks = |default| Chunks { n: n.unwrap_or(default), delay_ms };
    let act = match name {
        "text" => Act::Text { chunks: chunks(5), stamp },
        "think" => Act::Think { chunks: chunks(3) },
        "http" => Act::Refuse { status: status.filter(|code| (400..600).contains(code))?, retry_after_s },
        "malformed" => Act::Malformed { chunks: chunks(0) },
        "cut" => Act::Cut { chunks: chunks(0) },
        "errchunk" => Act::ErrorChunk { chunks: chunks(0) },
        _ => Act::Hang { chunks: chunks(0) },
    };
    Some((Directive { act, times }, after))
}

/// The directives of the step that follows `results` tool results: a tool call ends its step.
pub fn step(script: &[Directive], results: usize) -> (usize, &[Directive]) {
    let mut first = 0;
    for step in script.split_inclusive(|directive| matches!(directive.act, Act::Tool { .. })).enumerate() {
        if step.0 == results {
            return (first, step.1);
        }
        first += step.1.len();
    }
    (script.len(), &[])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn acts(text: &str) -> Vec<Act> {
        parse(text).unwrap().into_iter().map(|directive| directive.act).collect()
    }

    #[test]
    fn every_directive_is_read_with_its_arguments() {
        let three = Chunks { n: 3, delay_ms: 0 };
        let text = "[[text n=500 delay=10 stamp=1]] then [[think n=3]][[http 429 retry-after=1 times=2]] \
                    [[malformed n=3]] [[cut n=3 times=1]] [[errchunk n=3]] [[hang n=3]]";
        let expected = [
            Act::Text { chunks: Chunks { n: 500, delay_ms: 10 }, stamp: true },
            Act::Think { chunks: three },
            Act::Refuse { status: 429, retry_after_s: Some(1) },
            Act::Malformed { chunks: three },
            Act::Cut { chunks: three },
            Act::ErrorChunk { chunks: three },
            Act::Hang { chunks: three },
        ];
        assert_eq!(acts(text), expected);
        assert_eq!(parse(text).unwrap()[2].times, Some(2));
    }

    #[test]
    fn tool_arguments_may_hold_brackets_and_other_directives() {
        let text = r#"[[tool task {"rows":[[1]],"prompt":"[[text n=1]]"}]] [[tool ls]] [[text n=1]]"#;
        let task = Act::Tool { name: "task".into(), arguments: json!({"rows": [[1]], "prompt": "[[text n=1]]"}) };
        let ls = Act::Tool { name: "ls".into(), arguments: json!({}) };
        assert_eq!(acts(text)[..2], [task, ls]);
        assert_eq!(acts(text).len(), 3);
    }

    #[test]
    fn a_wiki_link_is_text_but_a_broken_directive_is_an_error() {
        assert_eq!(parse("see [[Home page]] and [[]] and [["), Ok(vec![]));
        for broken in ["[[text n=x]]", "[[text n=5", "[[http]]", "[[http 200]]", "[[tool bash {]]", "[[tool]]"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_tool_call_ends_its_step() {
        let script = parse("[[think n=1]][[tool a]][[tool b]][[text n=1]]").unwrap();
        let sizes = |results| (step(&script, results).0, step(&script, results).1.len());
        assert_eq!([sizes(0), sizes(1), sizes(2), sizes(3)], [(0, 2), (2, 1), (3, 1), (4, 0)]);
    }
}
